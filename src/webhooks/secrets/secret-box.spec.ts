import { loadConfig } from '../../config/app-config';
import { SecretBox } from './secret-box';

const boxOf = (JWT_SECRET: string, JWT_PREVIOUS_SECRETS = '') =>
  new SecretBox(loadConfig({ JWT_SECRET, JWT_PREVIOUS_SECRETS }));

describe('SecretBox', () => {
  const secret = Buffer.alloc(32, 7);
  const box = boxOf('one secret');

  it('opens what it has sealed', () => {
    const sealed = box.seal(secret, 1);
    expect(box.open(sealed, 1)).toEqual(secret);
    expect(sealed.keyId).toBe(box.keyId);
    expect(boxOf('one secret').open(sealed, 1)).toEqual(secret);
  });

  it('seals the same secret differently each time', () => {
    expect(box.seal(secret, 1).sealed).not.toBe(box.seal(secret, 1).sealed);
  });

  it('does not open the secret of another endpoint', () => {
    expect(box.open(box.seal(secret, 1), 2)).toBeUndefined();
  });

  it('opens what an earlier secret has sealed, and seals with the new one', () => {
    const sealed = box.seal(secret, 1);
    const renewed = boxOf('another secret', 'one secret');
    expect(renewed.open(sealed, 1)).toEqual(secret);
    expect(renewed.seal(secret, 1).keyId).toBe(boxOf('another secret').keyId);
    expect(renewed.keyId).not.toBe(box.keyId);
  });

  it('does not open what an unknown secret has sealed', () => {
    expect(boxOf('another secret').open(box.seal(secret, 1), 1)).toBeUndefined();
  });

  it('does not open what was altered', () => {
    const { sealed, keyId } = box.seal(secret, 1);
    const bytes = Buffer.from(sealed, 'base64');
    for (let at = 0; at < bytes.length; at++) {
      const altered = Buffer.from(bytes);
      altered[at]! ^= 1;
      expect(box.open({ sealed: altered.toString('base64'), keyId }, 1)).toBeUndefined();
    }
    for (const short of ['', 'AAAA', sealed.slice(0, 36), sealed.slice(0, 38)]) {
      expect(box.open({ sealed: short, keyId }, 1)).toBeUndefined();
    }
  });

  it('reveals neither the key nor the secret', () => {
    const { sealed, keyId } = box.seal(secret, 1);
    expect(Buffer.from(sealed, 'base64').includes(secret)).toBe(false);
    expect(keyId).toMatch(/^[0-9a-f]{16}$/);
  });
});
