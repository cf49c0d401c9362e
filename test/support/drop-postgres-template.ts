export { dropPostgresTemplate as default } from './postgres-template';
