import { problemIndexPage, problemPage } from './problem-page';

const HOSTILE = { status: 400, meaning: '<script>alert(1)</script>', remedy: `"&' \`<b>\`` };

describe('A page about a problem', () => {
  it('escapes what it shows', () => {
    const pages = [problemPage('<i>', HOSTILE, '../'), problemIndexPage({ '<i>': HOSTILE }, '')];
    for (const page of pages) {
      expect(page).not.toMatch(/<script|<i>|<b>/);
      expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    }
    expect(problemPage('x', HOSTILE, '../')).toContain('&quot;&amp;&#39; <code>&lt;b&gt;</code>');
  });
});
