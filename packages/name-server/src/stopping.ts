/** Rejects when the service is asked to stop: bringing many zones back takes longer than stopping may. */
export function abortion(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {}); // nobody waits for it any more once the zones are there
  signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  if (signal.aborted) reject(signal.reason as Error);
  return promise;
}
