import { randomBytes } from 'node:crypto';

/** Parts of a token that are shorter are no secret, such as the number of a generation. */
const MIN_PART = 20;

/** How much of a token in an output is a leak, in characters: outputs shorten what they contain. */
const PIECE = 16;

/** Secrets of a test, and the search for them in what a server writes. */
export class Secrets {
  /** Names by what an output must not contain. */
  private readonly forbidden = new Map<string, string>();

  /** @returns a new secret of letters and digits, which looks the same in JSON and in a URL */
  make(name: string, bytes = 12): string {
    const secret = randomBytes(bytes).toString('hex');
    this.forbid(name, secret);
    return secret;
  }

  /** Registers a token that the server has issued, and each piece of it. */
  add(name: string, token: string): string {
    for (const part of token.split('.')) {
      if (part.length < MIN_PART || isHeader(part)) continue;
      for (let start = 0; start + PIECE <= part.length; start += PIECE / 2) {
        this.forbid(name, part.slice(start, start + PIECE));
      }
    }
    return token;
  }

  /** The names of the secrets that an output contains, as they are or encoded. */
  findIn(output: string): string[] {
    const found = [...this.forbidden].filter(([secret]) => output.includes(secret));
    return [...new Set(found.map(([, name]) => name))];
  }

  private forbid(name: string, secret: string): void {
    for (const form of [secret, Buffer.from(secret).toString('hex'), ...base64Forms(secret)]) {
      this.forbidden.set(form, name);
    }
  }
}

/** The first part of a JWT, which every token of an algorithm has. */
function isHeader(part: string): boolean {
  return Buffer.from(part, 'base64url').toString().startsWith('{"alg"');
}

/** The secret inside of a string in base64, such as `user:secret`: the bytes before it shift it. */
function base64Forms(secret: string): string[] {
  const forms = [0, 1, 2].map((before) => {
    const encoded = Buffer.from('x'.repeat(before) + secret).toString('base64');
    // Without the characters that also depend on the bytes before and after it.
    return encoded.slice(before === 0 ? 0 : before + 1, -4);
  });
  return forms.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
}
