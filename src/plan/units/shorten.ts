/** For messages: somebody's text may have any length. Never half of a character that takes two. */
export function shorten(text: string, longest = 80): string {
  if (text.length <= longest) return text;
  return `${text.slice(0, longest - 3).replace(/[\uD800-\uDBFF]$/, '')}...`;
}
