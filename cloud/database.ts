/**
 * The cloud's one SQLite file and its tables. What a station was told is kept must be on the disk:
 * better-sqlite3 opens WAL with synchronous=NORMAL, which loses committed rows at a power cut (measured), so FULL is set and asserted.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'

const schema_version = 1

const tables = `
create table if not exists station (
  id text primary key, journal text, history text, card text, hello_at integer, heard_at integer, status text, behind_seconds real, backlog_records integer
) strict;
create table if not exists cursor (station text, id text, lane text, upto integer not null, primary key (station, id, lane)) strict, without rowid;
create table if not exists event (
  station text, journal text, seq integer, lane text not null, at integer not null, type text not null, subject text not null, body text not null,
  primary key (station, journal, seq)
) strict, without rowid;
create index if not exists event_by_subject on event (station, journal, subject, seq);
create table if not exists entity (
  station text, journal text, id text, kind text not null, seq integer not null, is_open integer not null, changed_at integer not null, body text not null,
  primary key (station, journal, id)
) strict, without rowid;
create index if not exists entity_open on entity (station, is_open, changed_at);
create table if not exists block (
  number integer primary key autoincrement, station text not null, history text not null, seq integer not null, points integer not null,
  from_at integer not null, to_at integer not null, gzip blob not null, unique (station, history, seq)
) strict;
create index if not exists block_by_time on block (station, to_at);
create table if not exists minute (
  station text, zone text, device text, quantity text, at integer, n integer not null, total real not null, low real not null, high real not null,
  primary key (station, quantity, device, zone, at)
) strict, without rowid;
create index if not exists minute_by_time on minute (at);
create table if not exists silence (
  number integer primary key autoincrement, station text not null, heard_at integer not null, raised_at integer not null, cleared_at integer
) strict;
create table if not exists command (
  id text primary key, station text not null, body text not null, made_at integer not null, state text not null, answered_at integer, refused text
) strict;
create index if not exists command_by_station on command (station, made_at);
create table if not exists set_aside (number integer primary key autoincrement, at integer not null, line text not null, why text not null) strict;
create table if not exists tally (name text primary key, value integer not null) strict, without rowid;
`

export type Db = Database.Database

export const openDatabase = (state_dir: string): Db => {
  mkdirSync(state_dir, { recursive: true, mode: 0o700 })
  const file = join(state_dir, 'cloud.db')
  const db = new Database(file)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.pragma('busy_timeout = 5000')
  const mode = db.pragma('journal_mode', { simple: true })
  const synchronous = db.pragma('synchronous', { simple: true })
  if (mode !== 'wal' || synchronous !== 2)
    throw new Error(`${file}: journal_mode ${mode}, synchronous ${synchronous}; needs wal and 2 (FULL)`)
  const version = db.pragma('user_version', { simple: true }) as number
  if (version > schema_version) throw new Error(`${file} is of a newer version (${version}) than this program knows (${schema_version})`)
  db.exec(tables)
  db.pragma(`user_version = ${schema_version}`)
  return db
}

/** Counters that must survive a restart: what was redelivered, dropped, set aside. */
export const openTally = (db: Db) => {
  const add = db.prepare('insert into tally (name, value) values (?, ?) on conflict (name) do update set value = value + excluded.value')
  const all = db.prepare<[], { name: string; value: number }>('select name, value from tally')
  return {
    add: (name: `${string}_total`, by = 1): void => {
      if (by > 0) add.run(name, by)
    },
    all: (): Readonly<Record<string, number>> => Object.fromEntries(all.all().map(({ name, value }) => [name, value]))
  }
}
export type Tally = ReturnType<typeof openTally>
