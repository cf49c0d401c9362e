import { PasswordHasher } from '../src/auth/password-hasher';
import { ServiceUnavailableError } from '../src/errors/common.errors';
import { type ApiClient, PASSWORD } from './support/api-client';
import { DAY, MINUTE, RateLimitedApp, SECOND, expectRateLimited } from './support/rate-limited-app';
import { moveWallClock } from './support/wall-clock';

describe('The limit of password guesses', () => {
  const limited = RateLimitedApp.forEachTest();
  const { app } = limited;

  it('delays an e-mail from the fifth failure on, by 1 s, 2 s, 4 s and so on, without hashing', async () => {
    const email = await limited.register();
    expect(await limited.guess(5, email)).toEqual([401, 401, 401, 401, 401]);

    const matches = jest.spyOn(app.nest.get(PasswordHasher), 'matches');
    for (const delay of [1, 2, 4, 8]) {
      expectRateLimited(await limited.logIn(email), delay);
      expect(matches).not.toHaveBeenCalled();
      app.clock.advance(delay * SECOND);
      expect(await limited.guess(1, email)).toEqual([401]);
      matches.mockClear();
    }
  });

  it('lists the limit of guesses in the response, whether or not the account exists', async () => {
    const email = await limited.register();
    for (const [index, name] of [email, 'nobody@example.com'].entries()) {
      const address = `198.51.100.${index}`;
      await limited.guess(6, name, address);
      app.clock.advance(1 * SECOND);
      await limited.guess(1, name, address);
      const rejected = await limited.logIn(name, address);
      expectRateLimited(rejected, 2);
      expect(rejected.body.detail).toBe('Too many failed logins. Try again in 2 seconds');
      expect(rejected.headers).toMatchObject({
        'ratelimit-policy': '"guesses";q=5;w=900',
        ratelimit: '"guesses";r=0;t=2',
      });
    }
  });

  it('counts no guesses during a delay, and does not prolong it', async () => {
    const email = await limited.register();
    await limited.guess(5, email);
    expect(new Set(await limited.guess(20, email))).toEqual(new Set([429]));
    app.clock.advance(1 * SECOND);
    await limited.logIn(email).expect(200);
  });

  it('delays an e-mail for a minute at most, for guesses from any addresses', async () => {
    const email = await limited.register();
    for (let guesses = 0; guesses < 20; guesses++) {
      app.clock.advance(60 * SECOND);
      expect(await limited.guess(1, email, `198.51.100.${guesses}`)).toEqual([401]);
    }
    expectRateLimited(await limited.logIn(email, '203.0.113.7'), 60);
    app.clock.advance(60 * SECOND);
    await limited.logIn(email, '203.0.113.7').expect(200);
  });

  it('delays an address for 15 minutes at most, for guesses at any e-mails', async () => {
    const email = await limited.register();
    const delays: unknown[] = [];
    for (let guesses = 0; guesses < 15; guesses++) {
      expect(await limited.guess(1, `somebody${guesses}@example.com`)).toEqual([401]);
      const rejected = await limited.logIn(email);
      const delay = Number(rejected.headers['retry-after'] ?? 0);
      delays.push(delay);
      app.clock.advance(delay * SECOND);
    }
    expect(delays).toEqual([0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900]);
  });

  it('counts an IPv6 network of 64 bits as one address', async () => {
    for (let guesses = 0; guesses < 5; guesses++) {
      await limited.guess(1, `somebody${guesses}@example.com`, `2001:db8:1:2::${guesses}`);
    }
    expectRateLimited(await limited.logIn('another@example.com', '2001:db8:1:2:ffff::1'), 1);
    await limited.logIn('another@example.com', '2001:db8:1:3::1').expect(401);
  });

  it('forgets failures 15 minutes after the last one', async () => {
    const email = await limited.register();
    await limited.guess(4, email);
    app.clock.advance(15 * MINUTE - 5 * SECOND);
    await limited.guess(1, email);
    expect(await limited.guess(1, email)).toEqual([429]);
    app.clock.advance(15 * MINUTE);
    expect(await limited.guess(5, email)).toEqual([401, 401, 401, 401, 401]);
    expect(await limited.guess(1, email)).toEqual([429]);
  });

  it('fault 29: keeps the length of a delay when the wall clock is set back', async () => {
    const email = await limited.register();
    await limited.guess(5, email);
    moveWallClock(-60 * MINUTE);
    expectRateLimited(await limited.logIn(email), 1);
    app.clock.advance(1 * SECOND);
    await limited.logIn(email).expect(200);
  });

  it('counts all spellings of an e-mail together', async () => {
    const email = await limited.register();
    for (const spelling of [email, email.toUpperCase(), ` ${email} `, email, email]) {
      await limited.guess(1, spelling);
    }
    expectRateLimited(await limited.logIn(email, '203.0.113.7'), 1);
  });

  it('treats e-mails without an account the same', async () => {
    const known = await limited.register();
    const statuses = {
      known: await limited.guess(7, known, '198.51.100.1'),
      unknown: await limited.guess(7, 'nobody@example.com', '198.51.100.2'),
    };
    expect(statuses.unknown).toEqual(statuses.known);
  });

  it('keeps the failures of strangers when the owner logs in from a known address', async () => {
    const email = await limited.register();
    await limited.logIn(email, '192.0.2.1').expect(200);
    for (let stranger = 1; stranger <= 5; stranger++) {
      expect(await limited.guess(1, email, `198.51.100.${stranger}`)).toEqual([401]);
      await limited.logIn(email, '192.0.2.1').expect(200);
    }
    expectRateLimited(await limited.logIn(email, '198.51.100.6'), 1);
  });

  it('forgets the failures of an e-mail that logs in from a new address', async () => {
    const email = await limited.register();
    for (const address of ['198.51.100.1', '198.51.100.2', '198.51.100.3']) {
      expect(await limited.guess(4, email, address)).toEqual([401, 401, 401, 401]);
      await limited.logIn(email, address).expect(200);
    }
  });

  it('keeps the failures of an address when another account logs in there', async () => {
    const [own, victim] = [await limited.register(), await limited.register()];
    expect(await limited.guess(2, victim)).toEqual([401, 401]);
    await limited.logIn(own).expect(200);
    expect(await limited.guess(2, victim)).toEqual([401, 401]);
    await limited.logIn(own).expect(200);
    expect(await limited.guess(2, 'another@example.com')).toEqual([401, 429]);
  });

  it('does not delay an owner at a known address for the failures of strangers elsewhere', async () => {
    const email = await limited.register();
    await limited.logIn(email, '192.0.2.1').expect(200);
    for (let guesses = 0; guesses < 8; guesses++) {
      await limited.guess(1, email, `198.51.100.${guesses}`);
    }
    expectRateLimited(await limited.logIn(email, '203.0.113.7'), 1);
    await limited.logIn(email, '192.0.2.1').expect(200);

    app.clock.advance(29 * DAY);
    for (let guesses = 0; guesses < 6; guesses++) {
      await limited.guess(1, email, `198.51.100.${guesses}`);
    }
    await limited.logIn(email, '192.0.2.1').expect(200);
  });

  it('forgets a known address after 30 days', async () => {
    const email = await limited.register();
    await limited.logIn(email, '192.0.2.1').expect(200);
    app.clock.advance(30 * DAY);
    for (let guesses = 0; guesses < 5; guesses++) {
      await limited.guess(1, email, `198.51.100.${guesses}`);
    }
    expectRateLimited(await limited.logIn(email, '192.0.2.1'), 1);
  });

  it('delays guesses at a known address', async () => {
    const email = await limited.register();
    await limited.logIn(email).expect(200);
    expect(await limited.guess(6, email)).toEqual([401, 401, 401, 401, 401, 429]);
    await limited.logIn(email, '203.0.113.7').expect(200);
  });

  it.each(['one address', 'many addresses'])(
    'discloses at most five outcomes of 100 simultaneous guesses from %s',
    async (addresses) => {
      const email = await limited.register();
      limited.holdPasswordChecks(100);
      const responses = await Promise.all(
        Array.from({ length: 100 }, (_, index) =>
          limited.logIn(
            email,
            addresses === 'one address' ? '192.0.2.1' : `192.0.2.${index}`,
            index < 99 ? `wrong guess ${index}` : PASSWORD,
          ),
        ),
      );
      const rejected = responses.filter(({ status }) => status === 429);
      expect(responses.filter(({ status }) => status === 401)).toHaveLength(5);
      expect(rejected).toHaveLength(95);
      for (const response of rejected) expectRateLimited(response, 1);
    },
  );

  it('discloses no outcome of a guess that began before a delay, even after the delay', async () => {
    const email = await limited.register();
    const hasher = app.nest.get(PasswordHasher);
    let finish: ((isRight: boolean) => void) | undefined;
    const isWaiting = new Promise<void>((waiting) => {
      jest.spyOn(hasher, 'matches').mockImplementationOnce(() => {
        waiting();
        return new Promise((resolve) => (finish = resolve));
      });
    });
    const [late] = await Promise.all([
      limited.logIn(email).then((response) => response),
      isWaiting.then(async () => {
        expect(await limited.guess(5, email)).toEqual([401, 401, 401, 401, 401]);
        app.clock.advance(10 * SECOND);
        finish?.(true);
      }),
    ]);
    expectRateLimited(late, 1);
    await limited.logIn(email).expect(200);
  });

  it('accepts 50 simultaneous logins with the right password', async () => {
    const email = await limited.register();
    limited.holdPasswordChecks(50);
    const responses = await Promise.all(Array.from({ length: 50 }, () => limited.logIn(email)));
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
  });

  it('does not count guesses that could not be checked', async () => {
    const email = await limited.register();
    const matches = jest.spyOn(app.nest.get(PasswordHasher), 'matches');
    matches.mockRejectedValue(new ServiceUnavailableError());
    expect(new Set(await limited.guess(10, email))).toEqual(new Set([503]));
    matches.mockRestore();
    await limited.logIn(email).expect(200);
  });

  it('ignores X-Forwarded-For when no proxy is trusted', async () => {
    app.nest.set('trust proxy', false);
    for (let guesses = 0; guesses < 5; guesses++) {
      await limited.guess(1, `somebody${guesses}@example.com`, `198.51.100.${guesses}`);
    }
    expectRateLimited(await limited.logIn('another@example.com', '203.0.113.7'), 1);
  });

  it('delays guesses at the current password by user, apart from guesses at the login', async () => {
    const [user, other] = [await app.api.signUp(), await app.api.signUp()];
    const change = (api: ApiClient, current: string, address: string) => {
      const passwords = { current_password: current, new_password: 'another secret' };
      return limited.post(address, '/auth/password', passwords, api);
    };
    for (let guesses = 0; guesses < 5; guesses++) {
      await change(user, 'wrong guess', `198.51.100.${guesses}`).expect(401);
    }
    const rejected = await change(user, PASSWORD, '203.0.113.7');
    expectRateLimited(rejected, 1);
    expect(rejected.body.detail).toBe('Too many wrong passwords. Try again in 1 second');
    expect(rejected.headers['ratelimit']).toBe('"guesses";r=0;t=1');
    await limited.logIn(user.email, '203.0.113.7', PASSWORD).expect(200);
    await change(other, PASSWORD, '203.0.113.7').expect(200);
    app.clock.advance(1 * SECOND);
    await change(user, PASSWORD, '203.0.113.7').expect(200);
  });
});
