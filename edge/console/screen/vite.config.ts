/** Builds the officers' app; everything it needs is in the folder it makes, nothing is fetched from elsewhere. */

import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

/** jsmpeg dresses its own buttons as soon as it is loaded. We use none of them, and the station's policy rightly forbids the style. */
const jsmpeg = {
  name: 'jsmpeg-without-style',
  transform: (code: string, id: string): string | undefined => {
    if (!id.includes('@cycjimmy/jsmpeg-player')) return undefined
    const bare = code.replace('\nstyleInject(css_248z);', '')
    if (bare === code) throw new Error('this jsmpeg adds its style in another way, which the browsers of the station would refuse')
    return bare
  }
}

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/',
  plugins: [vue(), jsmpeg],
  define: { __VUE_OPTIONS_API__: 'false', __VUE_PROD_DEVTOOLS__: 'false' },
  build: {
    outDir: fileURLToPath(new URL('../../../dist/screen/edge', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false }
  }
})
