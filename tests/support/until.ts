/** Waits for a condition, not for a time. Fails with what was awaited. */
export const until = async (condition: () => unknown | Promise<unknown>, what: string, within_ms = 10_000): Promise<void> => {
  const deadline = performance.now() + within_ms
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${within_ms} ms: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}
