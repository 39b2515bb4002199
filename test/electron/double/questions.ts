/** Buttons that a test pressed before the question came, and questions that wait for a button. */
const pressed: number[] = [];
const waiting: ((button: number) => void)[] = [];

/** Presses a button of the question that is shown, or of the next one. */
export function press(button: number): void {
  const answer = waiting.shift();
  if (answer) answer(button);
  else pressed.push(button);
}

/** The button that ends a question. */
export function answered(): Promise<number> {
  const button = pressed.shift();
  return button === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(button);
}
