import t from 'tap'
import screen from '../../edge/notify/screen.ts'
import { means, message } from '../support/vendor.ts'

const never = new AbortController().signal

t.test('a call has been delivered when somebody of the unit has a live screen open, and is tried again until then', async t => {
  const watching = new Set<string>(['zhao'])
  const opened = await screen.open({}, means({ watching: () => watching }))
  const call = (more = {}) => opened.send(message(more), never)
  t.strictSame(await call(), { failed: 'no screen of this unit is open', retry: true }, 'somebody of another unit does not count')
  watching.add('wang')
  t.strictSame(await call(), { receipt: 'delivered', note: '1' })
  watching.add('li')
  t.strictSame(await call(), { receipt: 'delivered', note: '2' })
  t.match(await call({ to: [] }), { retry: true }, 'a unit without people has no screen')
  t.strictSame(await call({ drill: true }), { receipt: 'delivered', note: '2' }, 'an exercise is called here')
})
