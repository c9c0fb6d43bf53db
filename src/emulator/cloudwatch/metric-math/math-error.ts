/** What is wrong with an expression; its caller names the expression. */
export class MathError extends Error {}
