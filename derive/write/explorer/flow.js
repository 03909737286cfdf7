// Gradient flow of the fixed-point task at N -> infinity, as the flow of a small diagonal network (THEORY 5),
// with the standard deviation between networks of size N in leading order (THEORY 8).
//
// The network has (I - W0)^-1 = diag(sqrt x, sqrt x), w = (sqrt r, 0), m = (0, sqrt r), x and r the nodes and
// weights of a Gauss rule. With R = (I - W)^-1, a = R^T w, b = R m, eps = zhat - w.b:
//     dW/dtau = eps a b^T,      dR/dtau = eps (R a)(R^T b)^T.
// A direction of the tangent is a small change of w and m; it changes W by dW' and z by
//     da = R^T (dw + dW'^T a),  db = R (dm + dW' b),  dz = dw.b + w.db.

const TOLERANCE = 1e-9; // of one step, relative to the largest entry
const SMALLEST_STEP = 1e-9; // of the whole course
const [NODES, WEIGHTS] = [0, 1];

// Dormand and Prince's pair of orders 5 and 4.
const STAGES = [
  [],
  [1 / 5],
  [3 / 40, 9 / 40],
  [44 / 45, -56 / 15, 32 / 9],
  [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
  [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
];
const ERROR = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40];

function times(matrix, vector, size, out) {
  for (let i = 0; i < size; i++) {
    let total = 0;
    for (let j = 0; j < size; j++) total += matrix[i * size + j] * vector[j];
    out[i] = total;
  }
  return out;
}

function transposedTimes(matrix, vector, size, out) {
  out.fill(0);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) out[j] += matrix[i * size + j] * vector[i];
  }
  return out;
}

function dot(left, right) {
  let total = 0;
  for (let i = 0; i < left.length; i++) total += left[i] * right[i];
  return total;
}

// Small changes of w and m whose covariance is that of networks with N = 1 (THEORY 8), columns of its root.
function directions(nodes, weights) {
  const n = nodes.length;
  const found = [];
  const root = weights.map(Math.sqrt);
  for (let k = 0; k < n; k++) {
    // 2 (diag r - r r^T) = sum_k of v_k v_k^T with v_k = sqrt(2 r_k) (e_k - r); d sqrt(r) = dr/(2 sqrt r)
    const change = weights.map((r, i) => (Math.sqrt(2 * weights[k]) * ((i === k ? 1 : 0) - r)) / (2 * root[i]));
    const zero = new Array(n).fill(0);
    if (n > 1) {
      found.push({ w: [...change, ...zero], m: [...zero, ...zero] });
      found.push({ w: [...zero, ...zero], m: [...zero, ...change] });
    }
    const cross = new Array(n).fill(0);
    cross[k] = 1; // c_k/sqrt(r_k), c of covariance diag(r)
    found.push({ w: [...zero, ...zero], m: [...cross, ...zero] });
  }
  return found;
}

class LimitFlow {
  constructor(rule, zhat, spread) {
    const [nodes, weights] = [rule[NODES], rule[WEIGHTS]];
    const n = nodes.length;
    this.size = 2 * n;
    this.zhat = zhat;
    this.w = Float64Array.from([...weights.map(Math.sqrt), ...new Array(n).fill(0)]);
    this.m = Float64Array.from([...new Array(n).fill(0), ...weights.map(Math.sqrt)]);
    this.tangents = spread ? directions(nodes, weights) : [];
    const square = this.size * this.size;
    this.start = new Float64Array((2 + this.tangents.length) * square);
    [...nodes, ...nodes].forEach((x, i) => (this.start[i * this.size + i] = Math.sqrt(x)));
  }

  // What the state says: the readout, and its change in every direction of the tangent.
  read(state) {
    const { size, w, m } = this;
    const square = size * size;
    const R = state.subarray(0, square);
    const b = times(R, m, size, new Float64Array(size));
    const changes = this.tangents.map((direction, k) => {
      const dW = state.subarray((2 + k) * square, (3 + k) * square);
      const source = times(dW, b, size, new Float64Array(size)).map((x, i) => x + direction.m[i]);
      return dot(direction.w, b) + dot(w, times(R, source, size, new Float64Array(size)));
    });
    return { readout: dot(w, b), changes };
  }

  velocity(state, out) {
    const { size, w, m, zhat } = this;
    const square = size * size;
    const R = state.subarray(0, square);
    const a = transposedTimes(R, w, size, new Float64Array(size));
    const b = times(R, m, size, new Float64Array(size));
    const Ra = times(R, a, size, new Float64Array(size));
    const Rb = transposedTimes(R, b, size, new Float64Array(size));
    const eps = zhat - dot(w, b);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        out[i * size + j] = eps * Ra[i] * Rb[j];
        out[square + i * size + j] = eps * a[i] * b[j];
      }
    }
    const [left, right] = [new Float64Array(size), new Float64Array(size)];
    this.tangents.forEach((direction, k) => {
      const dW = state.subarray((2 + k) * square, (3 + k) * square);
      const rate = out.subarray((2 + k) * square, (3 + k) * square);
      transposedTimes(dW, a, size, left);
      times(dW, b, size, right);
      for (let i = 0; i < size; i++) {
        left[i] += direction.w[i];
        right[i] += direction.m[i];
      }
      const da = transposedTimes(R, left, size, new Float64Array(size));
      const db = times(R, right, size, new Float64Array(size));
      const dz = dot(direction.w, b) + dot(w, db);
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) {
          rate[i * size + j] = -dz * a[i] * b[j] + eps * (da[i] * b[j] + a[i] * db[j]);
        }
      }
    });
    return out;
  }
}

// The leading eigenvalues of W - W0 with its halves exchanged, which is symmetric and positive: its singular values.
function singularValues(change, size, count) {
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) matrix[i * size + j] = change[i * size + ((j + size / 2) % size)];
  }
  for (let sweep = 0; sweep < 30; sweep++) {
    let off = 0;
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) {
        const apq = (matrix[p * size + q] + matrix[q * size + p]) / 2;
        off = Math.max(off, Math.abs(apq));
        if (apq === 0) continue;
        const theta = (matrix[q * size + q] - matrix[p * size + p]) / (2 * apq);
        const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        const s = t * c;
        for (let k = 0; k < size; k++) {
          const [x, y] = [matrix[k * size + p], matrix[k * size + q]];
          matrix[k * size + p] = c * x - s * y;
          matrix[k * size + q] = s * x + c * y;
        }
        for (let k = 0; k < size; k++) {
          const [x, y] = [matrix[p * size + k], matrix[q * size + k]];
          matrix[p * size + k] = c * x - s * y;
          matrix[q * size + k] = s * x + c * y;
        }
      }
    }
    if (off < 1e-16) break;
  }
  const values = Array.from({ length: size }, (_, i) => matrix[i * size + i]).sort((x, y) => y - x);
  return Array.from({ length: count }, (_, r) => Math.max(values[r] ?? 0, 0));
}

// One course: at the rising learning times tau the readout, loss, s1, s2 and, with ``spread``, the standard
// deviation of the readout between networks times sqrt(N).
export function course(rule, zhat, tau, spread = false) {
  const flow = new LimitFlow(rule, zhat, spread);
  const length = flow.start.length;
  const square = flow.size * flow.size;
  const controlled = 2 * square;
  let state = flow.start.slice();
  const slopes = Array.from({ length: 7 }, () => new Float64Array(length));
  const result = { readout: [], loss: [], s1: [], s2: [], deviation: [] };
  let now = 0;
  const last = tau[tau.length - 1];
  let step = last / 100;
  flow.velocity(state, slopes[0]);
  const trial = new Float64Array(length);
  for (const end of tau) {
    while (now < end) {
      const h = Math.min(step, end - now);
      for (let stage = 1; stage < 7; stage++) {
        trial.set(state);
        STAGES[stage].forEach((weight, k) => {
          if (weight === 0) return;
          const slope = slopes[k];
          for (let i = 0; i < length; i++) trial[i] += h * weight * slope[i];
        });
        flow.velocity(trial, slopes[stage]);
      }
      let worst = 0;
      let largest = 0;
      for (let i = 0; i < controlled; i++) {
        let error = 0;
        for (let k = 0; k < 7; k++) error += ERROR[k] * slopes[k][i];
        worst = Math.max(worst, Math.abs(h * error));
        largest = Math.max(largest, Math.abs(state[i]));
      }
      const quotient = worst / (TOLERANCE * largest);
      const ratio = Number.isFinite(quotient) ? quotient : 1e8; // a trial across the pole of R
      if (ratio <= 1 || h < SMALLEST_STEP * last) {
        now = h === end - now ? end : now + h;
        state.set(trial);
        [slopes[0], slopes[6]] = [slopes[6], slopes[0]];
      }
      const next = h * Math.min(4, Math.max(0.2, 0.9 * Math.max(ratio, 1e-8) ** -0.2));
      step = ratio <= 1 && h < step ? Math.max(step, next) : next;
    }
    const { readout, changes } = flow.read(state);
    const [s1, s2] = singularValues(state.subarray(square, 2 * square), flow.size, 2);
    result.readout.push(readout);
    result.loss.push((zhat - readout) ** 2 / 2);
    result.s1.push(s1);
    result.s2.push(s2);
    result.deviation.push(Math.sqrt(dot(changes, changes)));
  }
  return result;
}

// The learning time at which ``fraction`` of the loss is left, by halving; ``longest`` bounds the search.
export function timeTo(rule, zhat, fraction, longest) {
  const wanted = zhat * (1 - Math.sqrt(fraction));
  let [low, high] = [0, longest];
  const points = 64;
  for (let round = 0; round < 6; round++) {
    const tau = Array.from({ length: points }, (_, i) => low + ((high - low) * (i + 1)) / points);
    const z = course(rule, zhat, tau).readout;
    const first = z.findIndex((value) => value >= wanted);
    if (first < 0) return null;
    [low, high] = [first === 0 ? low : tau[first - 1], tau[first]];
    if (high - low < 1e-9 * longest) break;
  }
  return (low + high) / 2;
}
