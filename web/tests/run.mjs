// Runs every `*.test.ts` beneath the folders named, with Node's own test runner: `node tests/run.mjs FOLDER [OPTIONS]`.
// Node 20 finds no TypeScript tests by itself and knows no patterns.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const [folder, ...options] = process.argv.slice(2)
const tests = readdirSync(folder, { recursive: true })
  .map(String)
  .filter((name) => /\.test\.tsx?$/.test(name))
  .sort()
  .map((name) => join(folder, name))
if (tests.length === 0) {
  console.error(`no tests beneath ${folder}`)
  process.exit(1)
}
const run = spawnSync(process.execPath, ['--import', 'tsx', '--test', ...options, ...tests], { stdio: 'inherit' })
process.exit(run.status ?? 1)
