/** The page's HTML: a frame for the script, with a policy that lets nothing in from outside. */

export interface PageParts {
  /** Where the script and the styles lie, as the page may name them. */
  script: string;
  styles: readonly string[];
  nonce: string;
  language: string;
}

export function pageHtml({ script, styles, nonce, language }: PageParts): string {
  // `default-src 'none'` covers images, fonts, connections, frames and workers; forms and bases
  // are not covered by it.
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>kaizodo</title>
${styles.map((style) => `<link rel="stylesheet" nonce="${nonce}" href="${style}">`).join("\n")}
</head>
<body>
<div id="grid"></div>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>
`;
}
