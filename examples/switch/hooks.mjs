/**
 * Hooks of the switch: `before` sees each request on its way to the model, `after` each answer on its way back. Both are
 * optional and may be async. What they return replaces the body, the content type or both; nothing leaves all as it is.
 */

/** Drops a field that the model must not see, and adds one that the client does not know. */
export function before({ body, contentType }) {
  if (contentType !== 'application/json') return;
  const { email, ...features } = JSON.parse(body.toString('utf8'));
  return { body: JSON.stringify({ ...features, hour: new Date().getUTCHours() }) };
}

/** Writes a line for the answers that are not for the user's eyes; the answer stays as it is. */
export function after({ endpoint, role, status, inferenceId }) {
  if (status >= 400) console.error(JSON.stringify({ endpoint, role, status, inferenceId }));
}
