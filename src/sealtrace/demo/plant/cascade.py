"""A counter-current cascade of mixer-settlers for terbium, dysprosium and yttrium, stage by stage.

Chemistry (cation exchange with an acidic organophosphorus extractant, dimer H2A2):

    M3+ + 3 H2A2(org)  <->  M(HA2)3(org) + 3 H+        D = y/x = K (L/h)^3

with L the free dimer and h the acidity, both mol/L. Saponified extractant first gives up ammonium
instead of protons. Source of the form: any textbook of rare-earth solvent extraction. The constants are
invented: separation factors are round numbers of textbook magnitude for this extractant in chloride
(Dy/Tb 2.6, Y/Dy 2.4), and K(Tb) is chosen so that the cascade works near 0.2 mol/L acid. They describe
no real plant.

Stages are numbered along the organic phase: 1..E extract, E+1..E+S scrub, then R strip. The aqueous
phase runs the other way. Feed enters the aqueous phase of stage E, scrub acid that of the last scrub
stage, strip acid that of the last strip stage. Each stage is ideally mixed and at equilibrium.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ELEMENTS = ("Tb", "Dy", "Y")
MOLAR_MASS_G = np.array([158.925, 162.500, 88.906])
Floats = NDArray[np.float64]

K_TB = 0.42  # concentration equilibrium constant of terbium at 25 degC; dimensionless, see above
SEPARATION = np.array([1.0, 2.6, 2.6 * 2.4])  # K of each element over K of terbium
HEAT_OF_EXCHANGE_K = 1100.0  # K falls by exp(-1100 (1/T0 - 1/T)): extraction weakens a little with warmth
LEAST_ACID = 1e-4  # mol/L; below it hydroxide would fall out, which is not modelled
SETTLE_STEPS = 60_000
NEWTON_STEPS, CLOSE_ENOUGH = 60, 1e-10  # mol/L


@dataclass(frozen=True, slots=True)
class Conditions:
    """What enters the cascade. Flows in L/h, concentrations in mol/L of the phase, temperature in degC."""

    feed_flow: float = 600.0
    organic_flow: float = 4140.0
    scrub_flow: float = 320.0
    strip_flow: float = 560.0
    feed: tuple[float, float, float] = (0.105, 0.415, 0.380)
    feed_acid: float = 0.06
    scrub_acid: float = 2.8
    strip_acid: float = 4.6
    extractant: float = 1.50
    saponified: float = 0.36
    temperature: float = 25.0


@dataclass(frozen=True, slots=True)
class Shape:
    """Numbers of stages and the volumes of a stage in L: aqueous and organic phase, mixer and settler."""

    extraction: int = 18
    scrub: int = 16
    strip: int = 6
    aqueous_l: float = 190.0
    organic_l: float = 760.0

    @property
    def stages(self) -> int:
        """All stages of the organic train."""
        return self.extraction + self.scrub + self.strip


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """Content of every stage. x, y: (stages, 3) mol/L aqueous and organic; acid: (stages,) mol/L.

    base: (stages,) mol/L of extractant still in ammonium form.
    """

    x: Floats
    y: Floats
    acid: Floats
    base: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Charge:
    """What every stage holds, both phases together.

    metal: (stages, 3) mol of each element. net_acid: (stages,) mol of free acid less ammonium on the
    organic phase less three times the metal on it, which no exchange changes. loaded: (stages,) mol/L of
    metal on the organic phase when last looked at, where the search for the new value begins.
    """

    metal: Floats
    net_acid: Floats
    loaded: Floats


def equilibrium(held: Charge, volumes_l: tuple[float, float], dimer: float, constants: Floats) -> State:
    """Share out what the stages hold between their phases.

    volumes_l: aqueous and organic; dimer: mol/L in all. Solves for the metal on the organic phase by
    Newton's method kept inside a bracket: the balance falls with it, so the root is single.
    """
    aqueous_l, organic_l = volumes_l
    low = np.zeros(len(held.metal))
    high = np.minimum(held.metal.sum(axis=1) / organic_l, dimer / 3) * (1 - 1e-9)
    loaded, before = np.clip(held.loaded, low, high), np.full(len(low), np.inf)
    for _ in range(NEWTON_STEPS):
        acid = np.maximum((held.net_acid + 3 * organic_l * loaded) / aqueous_l, LEAST_ACID)
        ratio = ((dimer - 3 * loaded) / acid)[:, None] ** 3 * constants
        share = held.metal / (aqueous_l + organic_l * ratio)
        miss = (share * ratio).sum(axis=1) - loaded
        if np.abs(miss).max() < CLOSE_ENOUGH:
            break
        low, high = np.where(miss > 0, loaded, low), np.where(miss > 0, high, loaded)
        slow = np.abs(miss) > 0.5 * before  # Newton's step creeps where the curve bends: halve instead
        before = np.abs(miss)
        growth = -9 / (dimer - 3 * loaded) - 9 * organic_l / (acid * aqueous_l) * (acid > LEAST_ACID)
        slope = (share * ratio * aqueous_l / (aqueous_l + organic_l * ratio)).sum(axis=1) * growth - 1
        step = loaded - miss / slope
        loaded = np.where((step > low) & (step < high) & ~slow, step, 0.5 * (low + high))
    base = np.maximum(-(held.net_acid + 3 * organic_l * loaded) / organic_l, 0.0)
    return State(share, share * ratio, acid, base)


class Cascade:
    """The train of mixer-settlers in time: `step` moves it on, `state` is what its stages hold."""

    def __init__(self, shape: Shape, conditions: Conditions) -> None:
        self.shape = shape
        n = shape.stages
        self._held = Charge(np.zeros((n, 3)), np.full(n, shape.aqueous_l * 0.2), np.zeros(n))
        self.state = self._share_out(conditions)

    def _share_out(self, c: Conditions) -> State:
        shape, kelvin = self.shape, c.temperature + 273.15
        constants = K_TB * SEPARATION * np.exp(HEAT_OF_EXCHANGE_K * (1 / kelvin - 1 / 298.15))
        volumes = (shape.aqueous_l, shape.organic_l)
        return equilibrium(self._held, volumes, c.extractant / 2, constants)

    def aqueous_flows(self, c: Conditions) -> Floats:
        """Flow of aqueous phase leaving each stage, L/h."""
        e, s, r = self.shape.extraction, self.shape.scrub, self.shape.strip
        sections = ((e, c.scrub_flow + c.feed_flow), (s, c.scrub_flow), (r, c.strip_flow))
        return np.concatenate([np.full(stages, flow) for stages, flow in sections])

    def step(self, hours: float, c: Conditions) -> None:
        """Move on by a time short against the residence time of a stage (explicit Euler)."""
        e, s = self.shape.extraction, self.shape.scrub
        out, state = self.aqueous_flows(c), self.state
        organic_in = np.vstack([np.zeros(3), state.y[:-1]])
        organic_net = -state.base - 3 * state.y.sum(axis=1)
        organic_net_in = np.r_[-c.extractant * c.saponified, organic_net[:-1]]
        metal_in, acid_in = np.zeros_like(state.x), np.zeros_like(state.acid)
        metal_in[:-1] = out[1:, None] * state.x[1:]
        acid_in[:-1] = out[1:] * state.acid[1:]
        metal_in[e - 1] += c.feed_flow * np.array(c.feed)
        acid_in[e - 1] += c.feed_flow * c.feed_acid
        metal_in[e + s - 1] = 0.0  # strip liquor leaves the train before the scrub section
        acid_in[e + s - 1] = c.scrub_flow * c.scrub_acid
        acid_in[-1] = c.strip_flow * c.strip_acid
        held = self._held
        metal = c.organic_flow * (organic_in - state.y) + metal_in - out[:, None] * state.x
        net_acid = c.organic_flow * (organic_net_in - organic_net) + acid_in - out * state.acid
        self._held = Charge(
            np.maximum(held.metal + hours * metal, 0.0), held.net_acid + hours * net_acid, state.y.sum(axis=1)
        )
        self.state = self._share_out(c)

    def settle(self, c: Conditions, tolerance: float = 1e-3) -> None:
        """Bring the train to its steady state: every element leaves as fast as it enters, within `tolerance`.

        Raises ArithmeticError when it has not come to rest in SETTLE_STEPS steps.
        """
        shortest = min(
            self.shape.organic_l / c.organic_flow, self.shape.aqueous_l / (c.feed_flow + c.scrub_flow)
        )
        for number in range(SETTLE_STEPS):
            self.step(0.7 * shortest, c)
            if number % 500 == 499 and np.abs(self.balance(c) - 1).max() < tolerance:
                return
        raise ArithmeticError("the cascade has not come to a steady state")

    def balance(self, c: Conditions) -> Floats:
        """What leaves over what enters, for each element."""
        out = self.raffinate * (c.feed_flow + c.scrub_flow) + self.strip_liquor * c.strip_flow
        return np.asarray((out + self.barren_organic * c.organic_flow) / (c.feed_flow * np.array(c.feed)))

    # -- the streams that leave ------------------------------------------------------------------

    @property
    def raffinate(self) -> Floats:
        """Aqueous phase leaving stage 1, mol/L of each element."""
        return np.asarray(self.state.x[0])

    @property
    def loaded_organic(self) -> Floats:
        """Organic phase leaving the scrub section, mol/L."""
        return np.asarray(self.state.y[self.shape.extraction + self.shape.scrub - 1])

    @property
    def strip_liquor(self) -> Floats:
        """Aqueous phase leaving the strip section, mol/L."""
        return np.asarray(self.state.x[self.shape.extraction + self.shape.scrub])

    @property
    def barren_organic(self) -> Floats:
        """Organic phase leaving the last strip stage, mol/L."""
        return np.asarray(self.state.y[-1])
