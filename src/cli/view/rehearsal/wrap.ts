/** Breaks text at spaces. A word longer than a line gets a line of its own. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && [...longer].length > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

/** A label, and text that is wrapped beside it. */
export function hangingText(label: string, indent: number, text: string, columns: number): string[] {
  const [first = '', ...rest] = wrapText(text, Math.max(20, columns - indent));
  return [`${label.padEnd(indent)}${first}`, ...rest.map((line) => `${' '.repeat(indent)}${line}`)];
}
