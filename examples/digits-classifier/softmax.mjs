// Softmax regression: one weight for each pixel and digit, and a bias for each digit.

export const classes = 10;
export const pixelsPerImage = 784;

/** A model that knows nothing. `pixelScale` multiplies every pixel; `stable` chooses how the softmax is computed. */
export function newModel({ pixelScale, stable }) {
  return {
    pixelScale,
    stable,
    weights: new Float64Array(classes * pixelsPerImage),
    biases: new Float64Array(classes),
  };
}

/** Probability of each digit. Without `stable`, large scores overflow to NaN. */
export function predict(model, pixels) {
  const scores = Array.from(model.biases);
  for (let digit = 0; digit < classes; digit += 1) {
    const offset = digit * pixelsPerImage;
    let score = 0;
    for (let pixel = 0; pixel < pixelsPerImage; pixel += 1)
      score += model.weights[offset + pixel] * pixels[pixel];
    scores[digit] += score * model.pixelScale;
  }
  return softmax(scores, model.stable);
}

export function softmax(scores, stable) {
  const shift = stable ? Math.max(...scores) : 0;
  const powers = scores.map((score) => Math.exp(score - shift));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/** One step of gradient descent. False, and nothing learnt, where the prediction is not a number. */
export function learn(model, pixels, digit, learningRate) {
  const probabilities = predict(model, pixels);
  if (!probabilities.every(Number.isFinite)) return false;
  probabilities.forEach((probability, candidate) => {
    const step = learningRate * ((candidate === digit ? 1 : 0) - probability);
    const offset = candidate * pixelsPerImage;
    model.biases[candidate] += step;
    for (let pixel = 0; pixel < pixelsPerImage; pixel += 1) {
      model.weights[offset + pixel] += step * model.pixelScale * pixels[pixel];
    }
  });
  return true;
}

/** The most probable digit; null where the prediction is not a number. */
export function classify(model, pixels) {
  const probabilities = predict(model, pixels);
  const probability = Math.max(...probabilities);
  return Number.isFinite(probability) ? { digit: probabilities.indexOf(probability), probability } : null;
}

/** Share of the images whose digit the model tells. */
export function accuracyOf(model, images) {
  const right = images.filter(({ pixels, digit }) => classify(model, pixels)?.digit === digit);
  return right.length / images.length;
}

export function toJson(model) {
  return JSON.stringify({ ...model, weights: Array.from(model.weights), biases: Array.from(model.biases) });
}

export function fromJson(text) {
  const model = JSON.parse(text);
  return { ...model, weights: Float64Array.from(model.weights), biases: Float64Array.from(model.biases) };
}
