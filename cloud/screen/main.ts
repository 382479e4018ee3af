/** The city board. */
import { createApp } from 'vue'
import App from './App.vue'
import '../../edge/console/screen/kit/theme.css'
import { startWords } from '../../edge/console/screen/kit/i18n.ts'
import { boardWords } from './words.ts'

startWords(boardWords)
createApp(App).mount('#app')
