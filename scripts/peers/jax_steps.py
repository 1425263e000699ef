"""One training step in JAX with Optax: Adam, clip_by_global_norm, steps in a lax.scan.

Compilation is reported apart: it comes again with each optimizer and clip.
"""
import time

import jax
import jax.numpy as jnp
import optax
from rows import RECURRENT, ROWS
from timing import report

STEPS = {"1": 1000, "2": 100, "3": 10, "6": 50}
KEY = jax.random.key(0)


def dense(inputs, outputs):
    return jax.random.normal(KEY, (inputs, outputs)) * (2 / inputs) ** 0.5, jnp.zeros(outputs)


def perceptron(parameters, x):
    for weight, bias in parameters[:-1]:
        x = jax.nn.relu(x @ weight + bias)
    weight, bias = parameters[-1]
    return x @ weight + bias


def recurrent(parameters, x):
    (input_weight, bias), (recurrent_weight, _), (weight, output_bias) = parameters
    driven = x @ input_weight + bias

    def step(hidden, driven):
        return jnp.tanh(driven + hidden @ recurrent_weight), None

    start = jnp.zeros((x.shape[0], recurrent_weight.shape[0]))
    hidden, _ = jax.lax.scan(step, start, jnp.swapaxes(driven, 0, 1))
    return hidden @ weight + output_bias


def measure(name, model, parameters, example_shape, classes, batch, examples):
    features = jax.random.uniform(KEY, (examples, *example_shape))
    labels = jax.random.randint(KEY, (examples,), 0, classes)
    optimizer = optax.chain(optax.clip_by_global_norm(1.0), optax.adam(1e-3))

    def loss_function(parameters, rows):
        return optax.softmax_cross_entropy_with_integer_labels(
            model(parameters, features[rows]), labels[rows]).mean()

    def step(carry, rows):
        parameters, state = carry
        loss, gradient = jax.value_and_grad(loss_function)(parameters, rows)
        updates, state = optimizer.update(gradient, state, parameters)
        return (optax.apply_updates(parameters, updates), state), loss

    steps = STEPS[name]
    order = jax.random.randint(KEY, (steps, batch), 0, examples)
    run = jax.jit(lambda carry, order: jax.lax.scan(step, carry, order))
    carry = (parameters, optimizer.init(parameters))
    start = time.perf_counter()
    compiled = run.lower(carry, order).compile()
    seconds = time.perf_counter() - start
    print(f"compile {name}", "JAX, Optax", seconds, seconds, seconds, sep="\t", flush=True)

    def call():
        nonlocal carry
        carry, losses = compiled(carry, order)
        losses.block_until_ready()

    report(f"step {name}", "JAX scan, Optax", call, steps_per_call=steps)


for name, (widths, batch, examples) in ROWS.items():
    layers = [dense(inputs, outputs) for inputs, outputs in zip(widths, widths[1:])]
    measure(name, perceptron, layers, (widths[0],), widths[-1], batch, examples)
name, inputs, units, classes, steps, batch, examples = RECURRENT
layers = [dense(inputs, units), dense(units, units), dense(units, classes)]
measure(name, recurrent, layers, (steps, inputs), classes, batch, examples)
