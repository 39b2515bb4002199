/**
 * Replaces `[from, to)` of a text field as if typed, so that undo takes it back. `execCommand` is the only way a page
 * has to write into the undo history of a field; where it fails the text is set without.
 */
export function typeOver(field: HTMLTextAreaElement, from: number, to: number, text: string): void {
  field.focus();
  field.setSelectionRange(from, to);
  const done = text === '' ? document.execCommand('delete') : document.execCommand('insertText', false, text);
  if (done) return;
  field.setRangeText(text, from, to, 'end');
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

/** Puts `mark` around the selection, or takes it away where it already stands there. */
export function wrapSelection(field: HTMLTextAreaElement, mark: string): void {
  const { selectionStart: from, selectionEnd: to, value } = field;
  const picked = value.slice(from, to);
  const wrapped = value.slice(from - mark.length, from) === mark && value.slice(to, to + mark.length) === mark;
  if (wrapped) {
    typeOver(field, from - mark.length, to + mark.length, picked);
    field.setSelectionRange(from - mark.length, to - mark.length);
    return;
  }
  typeOver(field, from, to, mark + picked + mark);
  field.setSelectionRange(from + mark.length, to + mark.length);
}
