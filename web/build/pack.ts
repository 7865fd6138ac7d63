// After the build: removes what no browser asks for and writes `FILE.gz` beside every text asset and character map, so that the program embeds and sends the packed form.
import { gzipSync } from 'node:zlib'
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Plugin } from 'vite'

/** Older forms of fonts: every browser that can show the window takes the woff2 form beside them. */
const OLD_FONT = /\.(?:woff|ttf)$/
const PACKABLE = /\.(?:html|js|mjs|css|svg|json|webmanifest|txt|map|bcmap)$/

function files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? files(path) : [path]
  })
}

export function pack(): Plugin {
  let folder = ''
  return {
    name: 'pack',
    apply: 'build',
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir)
    },
    closeBundle() {
      for (const path of files(folder).filter((path) => OLD_FONT.test(path))) rmSync(path)
      for (const path of files(folder).filter((path) => PACKABLE.test(path))) {
        writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }))
      }
    },
  }
}
