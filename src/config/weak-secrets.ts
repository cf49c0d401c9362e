import { splitList } from './network-lists';

const MINIMUM_SECRET_BYTES = 32;
const PLACEHOLDER = /change.?me|example|placeholder|your.?(jwt.?)?(secret|key)/i;

function isShort(secret: string): boolean {
  return Buffer.byteLength(secret) < MINIMUM_SECRET_BYTES;
}

/** @returns why production rejects the secrets, without their values */
export function weakSecrets(
  environment: Record<'JWT_SECRET' | 'JWT_PREVIOUS_SECRETS', string>,
): string[] {
  const problems: string[] = [];
  if (isShort(environment.JWT_SECRET)) {
    problems.push(`JWT_SECRET must be at least ${MINIMUM_SECRET_BYTES} bytes in production`);
  } else if (PLACEHOLDER.test(environment.JWT_SECRET)) {
    problems.push('JWT_SECRET must not be an example value in production');
  }
  if (splitList(environment.JWT_PREVIOUS_SECRETS).some(isShort)) {
    problems.push(
      `JWT_PREVIOUS_SECRETS must be at least ${MINIMUM_SECRET_BYTES} bytes each in production`,
    );
  }
  return problems;
}
