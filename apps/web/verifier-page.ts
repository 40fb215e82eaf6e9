/** The HTML of `verify.html` around what was built for it. Pure. */

import { createHash } from 'node:crypto';

/** A script, its style, and the licences of the libraries in both. */
export interface Part {
  readonly script: string;
  readonly style: string;
  readonly licences: string;
}

/** Throws for a script or style that would end its element, or that reads otherwise inside of HTML. */
export function page({ script, style, licences }: Part, workerLicences: string): string {
  refuse('script', script, /<\/script|<!--/i);
  refuse('style', style, /<\/style|url\(|@import/i);
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy(script, style)}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta name="referrer" content="no-referrer" />
    <title>Verify a proof</title>
    <style>${style}</style>
  </head>
  <body>
    <main id="root"><noscript>The verifier is a script: without JavaScript, pcq-verify does the same.</noscript></main>
    <footer>
      <p>
        Is this the verifier? <code>sha256sum verify.html</code> has to give the digest that <code>make web</code> prints
        when you build it from the sources of IntelGraph Runbooks.
      </p>
      <details>
        <summary>Licences of what is in this file</summary>
        <pre tabindex="0" role="region" aria-label="Licences">IntelGraph Runbooks: Apache-2.0

${escaped(licences)}
${escaped(workerLicences)}</pre>
      </details>
    </footer>
    <script>${script}</script>
  </body>
</html>
`;
}

/** Nothing but that script, that style, and a worker that the script makes; no connection at all, for the worker too. */
export function policy(script: string, style: string): string {
  return [
    "default-src 'none'",
    `script-src '${digestOf(script)}'`,
    `style-src '${digestOf(style)}'`,
    'worker-src blob:',
    "connect-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types runbooks-worker',
  ].join('; ');
}

function digestOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function refuse(what: string, text: string, forbidden: RegExp): void {
  const found = forbidden.exec(text);
  if (found) throw new Error(`the ${what} of verify.html has ${found[0]} at ${String(found.index)}`);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
