import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { realClock } from '../../edge/clock.ts'
import { noted, openTestCity, openTestStation, testDir } from '../support/city.ts'
import { needs } from '../support/needs.ts'
import { until } from '../support/until.ts'

t.test(
  'under TLS a station with the authority’s certificate gets through; one without it says that it does not trust the cloud',
  needs('openssl'),
  async t => {
    const dir = testDir(t)
    const [key_file, cert_file] = [`${dir}/key.pem`, `${dir}/cert.pem`]
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=DNS:localhost',
        '-keyout',
        key_file,
        '-out',
        cert_file
      ],
      { stdio: 'ignore' }
    )
    const cloud = await openTestCity(t, dir, { mqtt: { host: '127.0.0.1', port: 0, tls: { key_file, cert_file } } })
    const url = `mqtts://localhost:${cloud.mqttPort}`
    const trusting = openTestStation(t, 0, { clock: realClock, url, ca: readFileSync(cert_file) })
    await trusting.journal.append([{ event: noted('n-1', 1), lane: 'events' }]).kept
    await until(() => trusting.drained() && trusting.journal.cursor('events') === 1, 'confirmed over TLS')
    await trusting.uplink.close()
    const doubting = openTestStation(t, 0, { clock: realClock, url })
    await until(() => /not trusted/.test(doubting.uplink.now().why), 'the state says so')
    t.equal(doubting.uplink.now().online, false)
    t.equal(cloud.counters().sign_ins_refused_total, 0, 'no password was given to whom it does not trust')
  }
)
