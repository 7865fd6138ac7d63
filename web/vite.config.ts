// How the window is built: one entry, everything from this origin, nothing inline (the content policy forbids it).
import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { pack } from './build/pack.ts'

const source = (path: string) => fileURLToPath(new URL(`./src/${path}`, import.meta.url))

export default defineConfig({
  plugins: [react(), tailwindcss(), pack()],
  resolve: {
    alias: [
      { find: /^@app\//, replacement: `${source('app')}/` },
      { find: /^@features\//, replacement: `${source('features')}/` },
      { find: /^@stream$/, replacement: source('stream/index.ts') },
      { find: /^@stream\//, replacement: `${source('stream')}/` },
      { find: /^@api$/, replacement: source('api/index.ts') },
      { find: /^@kit$/, replacement: source('kit/index.ts') },
      { find: /^@lib\//, replacement: `${source('lib')}/` },
    ],
  },
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    chunkSizeWarningLimit: 1200,
  },
})
