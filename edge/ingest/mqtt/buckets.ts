/**
 * How often something may happen. Monotonic time, not the station's clock: rates are about real sockets,
 * and a wall clock that jumps back must not lock a device out.
 */
export type Bucket = { tokens: number; at: number }

export const newBucket = (burst: number): Bucket => ({ tokens: burst, at: performance.now() })

/** Fills what the time since the last look allows; answers what there is. */
export const fill = (bucket: Bucket, per_s: number, burst: number, now = performance.now()): number => {
  bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) * per_s) / 1000)
  bucket.at = now
  return bucket.tokens
}

export type Buckets = {
  /** Takes one when there is one. */
  readonly take: (key: string) => boolean
  /** Is there one? Takes nothing. */
  readonly has: (key: string) => boolean
  readonly forget: (key: string) => void
}

/** One bucket a key. Keys come from strangers, so there are at most `keys` of them; the one not seen longest is forgotten first. */
export const openBuckets = (per_s: number, burst: number, keys = 4096): Buckets => {
  const all = new Map<string, Bucket>()
  const look = (key: string): Bucket => {
    const bucket = all.get(key) ?? newBucket(burst)
    all.delete(key)
    all.set(key, bucket)
    if (all.size > keys) all.delete(all.keys().next().value as string)
    return bucket
  }
  return {
    take: key => {
      const bucket = look(key)
      if (fill(bucket, per_s, burst) < 1) return false
      bucket.tokens -= 1
      return true
    },
    has: key => {
      const bucket = all.get(key)
      return bucket === undefined || fill(bucket, per_s, burst) >= 1
    },
    forget: key => void all.delete(key)
  }
}
