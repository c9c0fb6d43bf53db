/** Java's meaning of what JavaScript writes alike, by escape; each stands inside of a character class too. */
const classes: Record<string, string> = {
  '\\s': ' \\t\\n\\v\\f\\r',
  // JavaScript counts more as white space than Java does.
  '\\S': '\\S\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff',
  '\\p{Alnum}': 'a-zA-Z0-9',
  '\\p{Print}': '\\x20-\\x7e',
};
const anchors: Record<string, string> = { '\\A': '^', '\\z': '$' };

const token = /\\p\{\w+\}|\\.|[[\].]|\$\{\d+,\d*\}|[^]/gu;
const compiled = new Map<string, RegExp>();

/** The Java regular expression, for the whole of a text. Throws where it cannot be had. */
export function compilePattern(java: string): RegExp {
  const known = compiled.get(java);
  if (known) return known;
  const regex = new RegExp(`^(?:${toJavaScript(java)})$`, 'u');
  compiled.set(java, regex);
  return regex;
}

function toJavaScript(java: string): string {
  let inClass = false;
  return java.replace(token, (part) => {
    if (part === '[') {
      if (inClass) throw new Error(`a class within a class is not supported: ${java}`);
      inClass = true;
    } else if (part === ']') {
      inClass = false;
    }
    return convert(part, inClass);
  });
}

function convert(part: string, inClass: boolean): string {
  const set = classes[part];
  if (set !== undefined) return inClass ? set : `[${set}]`;
  if (part === '.' && !inClass) return '[^\\n\\r\\u0085\\u2028\\u2029]';
  // An end of the text, said several times, is one.
  if (part.startsWith('${')) return '$';
  const escaped = /^\\([^a-zA-Z0-9])$/u.exec(part)?.[1];
  // JavaScript takes no escapes of what has no meaning.
  if (escaped !== undefined && !'^$\\.*+?()[]{}|/-'.includes(escaped)) return escaped;
  return anchors[part] ?? (part === '\\-' && !inClass ? '-' : part);
}
