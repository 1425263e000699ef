"""One training step in JAX with Optax: perceptron, Adam, clip_by_global_norm, steps in a lax.scan.

Compilation is reported apart: it comes again with each optimizer and clip.
"""
import time

import jax
import jax.numpy as jnp
import optax
from rows import ROWS
from timing import report

STEPS = {"1": 1000, "2": 100, "3": 10}

for name, (widths, batch, examples) in ROWS.items():
    key = jax.random.key(0)
    features = jax.random.uniform(key, (examples, widths[0]))
    labels = jax.random.randint(key, (examples,), 0, widths[-1])
    parameters = [
        (jax.random.normal(key, (inputs, outputs)) * (2 / inputs) ** 0.5, jnp.zeros(outputs))
        for inputs, outputs in zip(widths, widths[1:])
    ]
    optimizer = optax.chain(optax.clip_by_global_norm(1.0), optax.adam(1e-3))

    def loss_function(parameters, rows):
        x = features[rows]
        for weight, bias in parameters[:-1]:
            x = jax.nn.relu(x @ weight + bias)
        weight, bias = parameters[-1]
        return optax.softmax_cross_entropy_with_integer_labels(
            x @ weight + bias, labels[rows]).mean()

    def step(carry, rows):
        parameters, state = carry
        loss, gradient = jax.value_and_grad(loss_function)(parameters, rows)
        updates, state = optimizer.update(gradient, state, parameters)
        return (optax.apply_updates(parameters, updates), state), loss

    steps = STEPS[name]
    order = jax.random.randint(key, (steps, batch), 0, examples)
    run = jax.jit(lambda carry, order: jax.lax.scan(step, carry, order))
    carry = (parameters, optimizer.init(parameters))
    start = time.perf_counter()
    compiled = run.lower(carry, order).compile()
    seconds = time.perf_counter() - start
    print(f"compile {name}", "JAX, Optax", seconds, seconds, seconds, sep="\t", flush=True)

    def call():
        global carry
        carry, losses = compiled(carry, order)
        losses.block_until_ready()

    report(f"step {name}", "JAX scan, Optax", call, steps_per_call=steps)
