/** Lets others have their turn of the event loop, what has come in meanwhile among them. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
