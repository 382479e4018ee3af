/** The officers' app. */
import { createApp } from 'vue'
import App from './App.vue'
import './kit/theme.css'
import { startWords } from './kit/i18n.ts'
import { screenWords } from './words/index.ts'

startWords(screenWords)
createApp(App).mount('#app')
