import { splitList } from './network-lists';

const MINIMUM_SECRET_BYTES = 32;
const PLACEHOLDER = /change.?me|example|placeholder|your.?(jwt.?)?(secret|key)/i;

function isShort(secret: string): boolean {
  return Buffer.byteLength(secret) < MINIMUM_SECRET_BYTES;
}

function weaknessesOf(name: string, secret: string): string[] {
  if (isShort(secret)) {
    return [`${name} must be at least ${MINIMUM_SECRET_BYTES} bytes in production`];
  }
  return PLACEHOLDER.test(secret) ? [`${name} must not be an example value in production`] : [];
}

/** @returns why production rejects the secrets, without their values */
export function weakSecrets(
  environment: Record<'JWT_SECRET' | 'JWT_PREVIOUS_SECRETS' | 'METRICS_TOKEN', string>,
): string[] {
  const problems = weaknessesOf('JWT_SECRET', environment.JWT_SECRET);
  if (splitList(environment.JWT_PREVIOUS_SECRETS).some(isShort)) {
    problems.push(
      `JWT_PREVIOUS_SECRETS must be at least ${MINIMUM_SECRET_BYTES} bytes each in production`,
    );
  }
  if (environment.METRICS_TOKEN !== '') {
    problems.push(...weaknessesOf('METRICS_TOKEN', environment.METRICS_TOKEN));
  }
  return problems;
}
