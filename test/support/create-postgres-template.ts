export { createPostgresTemplate as default } from './postgres-template';
