import { parentPort } from 'node:worker_threads'
import { line } from '../../edge/domain/line-protocol.ts'
import Database from 'better-sqlite3'
const x: number = 3
parentPort?.postMessage({ x, l: line('reading', [], { value: 1 }, 1), v: new Database(':memory:').prepare('select sqlite_version() v').get(), e: process.execArgv })
