"""Seeded simulations of how pages leak, with the true geometry: coding, cropping, screens, paper, phones.

An attack takes a page and a random source and gives the leaked picture and where the page is in it. They
are simulations; no figure measured on them is a figure of a real phone, printer or screen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from sealtrace.marks.planes import gaussian

Raster = NDArray[np.uint8]
Plane = NDArray[np.float32]
Random = np.random.Generator
Matrix = NDArray[np.float64]

_SCREEN_SIDE = 128


@dataclass(frozen=True, slots=True, eq=False)
class Leak:
    """A leaked picture, (h, w, 3) RGB, and the homography from page pixels to its pixels.

    Pixel centres are whole numbers. Lens distortion comes on top of the homography.
    """

    picture: Raster
    to_leak: Matrix


Attack = Callable[[Raster, Random], Leak]


def chain(*attacks: Attack) -> Attack:
    """One attack after the other."""

    def run(page: Raster, random: Random) -> Leak:
        leak = Leak(page, np.eye(3))
        for attack in attacks:
            after = attack(leak.picture, random)
            leak = Leak(after.picture, after.to_leak @ leak.to_leak)
        return leak

    return run


def jpeg(quality: int) -> Attack:
    """Save as JPEG, colour at half resolution as usual."""

    def run(page: Raster, _: Random) -> Leak:
        return Leak(_coded(page, quality), np.eye(3))

    return run


def resize(factor: float) -> Attack:
    """Scale the picture by `factor`."""

    def run(page: Raster, _: Random) -> Leak:
        return _resized(page, factor)

    return run


def crop(kept: float) -> Attack:
    """Keep a rectangle of `kept` of the page's area, anywhere that shows at least half the average ink."""

    def run(page: Raster, random: Random) -> Leak:
        h, w = page.shape[:2]
        ink = np.abs(cv2.Laplacian(page, cv2.CV_32F)).mean(axis=2)
        stretch = float(np.exp(random.uniform(-0.25, 0.25)))
        ch, cw = min(h, round(h * kept**0.5 * stretch)), min(w, round(w * kept**0.5 / stretch))
        for _ in range(20):  # nobody leaks blank paper
            y, x = int(random.integers(0, h - ch + 1)), int(random.integers(0, w - cw + 1))
            if ink[y : y + ch, x : x + cw].mean() >= 0.5 * ink.mean():
                break
        return Leak(page[y : y + ch, x : x + cw].copy(), _shift(-x, -y))

    return run


def rotate() -> Attack:
    """Turn by up to 20 degrees, sometimes by a right angle more; the corners stay in the picture."""

    def run(page: Raster, random: Random) -> Leak:
        angle = random.uniform(-20, 20) + random.choice([0, 0, 0, 90, 180, 270])
        h, w = page.shape[:2]
        turn = np.vstack([cv2.getRotationMatrix2D(((w - 1) / 2, (h - 1) / 2), angle, 1.0), [0, 0, 1]])
        box = _project(turn, _corners(w, h))
        low, high = box.min(axis=0), box.max(axis=0)
        to_leak = _shift(-low[0], -low[1]) @ turn
        out = (int(np.ceil(high[0] - low[0])) + 1, int(np.ceil(high[1] - low[1])) + 1)
        edge = (255, 255, 255) if random.random() < 0.5 else (0, 0, 0)
        turned = cv2.warpPerspective(page, to_leak, out, flags=cv2.INTER_CUBIC, borderValue=edge)
        return Leak(np.asarray(turned, np.uint8), to_leak)

    return run


def screenshot() -> Attack:
    """Show the page in a viewer's window at 55 to 110 %, with bars around it, saved as PNG or JPEG."""

    def run(page: Raster, random: Random) -> Leak:
        shown = _resized(page, random.uniform(0.55, 1.1))
        h, w = shown.picture.shape[:2]
        left, top = int(random.integers(40, 320)), int(random.integers(70, 130))
        right, bottom = int(random.integers(20, 120)), int(random.integers(10, 60))
        window = np.full((top + h + bottom, left + w + right, 3), int(random.integers(60, 235)), np.uint8)
        window[: top - 20] = random.integers(40, 250, 3)
        window[:, : left - 24] = random.integers(200, 250, 3)
        for y in range(top, window.shape[0] - 20, 46):
            text = f"{random.integers(1, 400)} {'-' * int(random.integers(3, 14))}"
            cv2.putText(window, text, (8, y), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (60, 60, 60), 1, cv2.LINE_AA)
        window[top : top + h, left : left + w] = shown.picture
        picture = window if random.random() < 0.5 else _coded(window, int(random.integers(70, 92)))
        return Leak(picture, _shift(left, top) @ shown.to_leak)

    return run


def print_scan() -> Attack:
    """Print with a stochastic screen, scan at 110 to 200 dpi: dot gain, grain, skew, tone, noise, JPEG."""

    def run(page: Raster, random: Random) -> Leak:
        ink = _halftoned(page, random, oversample=3)
        h, w = page.shape[:2]
        scale = random.uniform(0.75, 1.35)
        feed = np.diag([scale * random.uniform(0.996, 1.004), scale * random.uniform(0.996, 1.004), 1.0])
        turn = np.deg2rad(random.uniform(-1.5, 1.5))
        skew = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
        border = random.uniform(-0.01, 0.03) * w * scale
        to_leak = _shift(border, border) @ skew @ feed
        out = (round(w * scale + 2 * border), round(h * scale + 2 * border))
        ink = gaussian(ink, 1.3 * 3 / min(scale, 1.0))
        white = (255, 255, 255)
        sheet = cv2.warpPerspective(ink, to_leak @ _centred(1 / 3), out, borderValue=white)
        paper = _lit(np.asarray(sheet, np.float32), random, 0.03) + _grain(random, out, 1.2)[..., None]
        low, high = random.uniform(8, 40), random.uniform(238, 248)
        tone = low + (high - low) * np.clip(paper / 255, 0, 1) ** random.uniform(0.85, 1.2)
        scan = tone + random.normal(0, random.uniform(1, 2.5), tone.shape)
        return Leak(_coded(_bytes(scan), int(random.integers(75, 93))), to_leak)

    return run


def phone_photo(megapixels: float = 5.0) -> Attack:
    """Photograph a screen or a sheet: perspective, lens, uneven light, blur, stripes, noise, cast, JPEG."""

    def run(page: Raster, random: Random) -> Leak:
        h, w = page.shape[:2]
        out_h = round((megapixels * 1e6 * h / w) ** 0.5)
        out_w = round(megapixels * 1e6 / out_h)
        to_leak = _view(w, h, out_w, out_h, random)
        lens = _lens(out_w, out_h, random.uniform(-0.03, 0.03))
        desk = _grain(random, (out_w, out_h), 12)[..., None] + random.uniform(40, 160, 3).astype(np.float32)
        looked = lens.reshape(-1, 2).astype(np.float64)
        page_at = _project(np.asarray(np.linalg.inv(to_leak), np.float64), looked)
        at = page_at.reshape(out_h, out_w, 2).astype(np.float32)
        shrink = max(1.0, 1 / float(np.sqrt(abs(np.linalg.det(to_leak[:2, :2])))))
        sharp = gaussian(page.astype(np.float32), 0.4 * shrink)
        nowhere = (-999, -999, -999)
        scene = cv2.remap(sharp, at[..., 0], at[..., 1], cv2.INTER_CUBIC, borderValue=nowhere)
        scene = np.where(scene < -100, desk, np.clip(scene, 0, 255))
        scene = scene * _stripes(at, random) if random.random() < 0.6 else scene
        scene = _lit(gaussian(np.asarray(scene, np.float32), random.uniform(0.6, 1.5)), random, 0.28)
        scene = 255 * np.clip(scene / 255, 0, 1) ** random.uniform(0.85, 1.15) * random.uniform(0.9, 0.98, 3)
        scene += random.normal(0, random.uniform(1.5, 4), scene.shape)
        return Leak(_coded(_bytes(scene), int(random.integers(75, 93))), to_leak)

    return run


ATTACKS: dict[str, Attack] = {
    "none": chain(),
    "jpeg 50": jpeg(50),
    "resize 0.5": resize(0.5),
    "crop 25 %": crop(0.25),
    "rotate": rotate(),
    "screenshot": screenshot(),
    "print-scan": print_scan(),
    "phone photo": phone_photo(),
    "chat screenshot": chain(screenshot(), resize(0.8), jpeg(60)),
    "cropped photo": chain(phone_photo(), crop(0.4), jpeg(70)),
}


def _coded(picture: Raster, quality: int) -> Raster:
    _, data = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)[..., ::-1])


def _bytes(picture: NDArray[np.floating]) -> Raster:
    return np.asarray(np.clip(np.rint(picture), 0, 255), np.uint8)


def _shift(x: float, y: float) -> Matrix:
    return np.array([[1.0, 0, x], [0, 1, y], [0, 0, 1]])


def _centred(factor: float, down: float | None = None) -> Matrix:
    """Scale about the pixel centres: x -> (x + 1/2) factor - 1/2."""
    fx, fy = factor, factor if down is None else down
    return np.array([[fx, 0, fx / 2 - 0.5], [0, fy, fy / 2 - 0.5], [0, 0, 1]])


def _resized(page: Raster, factor: float) -> Leak:
    h, w = page.shape[:2]
    size = (max(1, round(w * factor)), max(1, round(h * factor)))
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    picture = np.asarray(cv2.resize(page, size, interpolation=way), np.uint8)
    return Leak(picture, _centred(size[0] / w, size[1] / h))


def _corners(w: int, h: int) -> Matrix:
    return np.array([[0, 0], [w - 1, 0], [w - 1, h - 1], [0, h - 1]], np.float64)


def _project(matrix: Matrix, points: Matrix) -> Matrix:
    homogeneous = points @ matrix[:, :2].T + matrix[:, 2]
    return homogeneous[:, :2] / homogeneous[:, 2:]


@lru_cache(maxsize=1)
def _screen() -> Plane:
    """A stochastic halftone screen: 16,384 thresholds whose neighbours differ (ranked high-pass noise)."""
    noise = np.random.default_rng(1).normal(size=(_SCREEN_SIDE, _SCREEN_SIDE)).astype(np.float32)
    wide = cv2.copyMakeBorder(noise, 16, 16, 16, 16, cv2.BORDER_WRAP)
    noise -= cv2.GaussianBlur(wide, (0, 0), 1.5)[16:-16, 16:-16]
    ranks = noise.reshape(-1).argsort().argsort().reshape(noise.shape)
    return ((ranks + 0.5) / ranks.size * 255).astype(np.float32)


def _halftoned(page: Raster, random: Random, oversample: int) -> Plane:
    """Print in bilevel inks at `oversample` times the page's resolution; the dots then spread a little."""
    large = cv2.resize(page, None, fx=oversample, fy=oversample, interpolation=cv2.INTER_CUBIC)
    h, w = large.shape[:2]
    dots = np.empty((h, w, 3), np.uint8)
    for ink in range(3):
        screen = np.roll(_screen(), random.integers(0, _SCREEN_SIDE, 2), (0, 1))
        tiled = np.tile(screen, (-(-h // _SCREEN_SIDE), -(-w // _SCREEN_SIDE)))[:h, :w]
        dots[..., ink] = np.where(large[..., ink] > tiled, 255, 0)
    return cv2.GaussianBlur(dots, (0, 0), random.uniform(0.6, 1.0)).astype(np.float32)


def _lit(scene: Plane, random: Random, strength: float) -> Plane:
    """Uneven light: a slope in a random direction and a fall-off to the corners."""
    h, w = scene.shape[:2]
    y, x = np.mgrid[-1 : 1 : h * 1j, -1 : 1 : w * 1j].astype(np.float32)
    turn, fall = random.uniform(0, 2 * np.pi), random.uniform(0, strength)
    slope = random.uniform(0.3, 1) * strength * (np.cos(turn) * x + np.sin(turn) * y) / 2
    light = 1 - strength / 2 + slope - fall * (x * x + y * y) / 2
    return np.asarray(scene * light[..., None], np.float32)


def _grain(random: Random, size: tuple[int, int], strength: float) -> Plane:
    """Paper fibres or a desk's surface: smooth noise on two scales."""
    w, h = size
    fine = random.normal(0, 1, (h // 2 + 1, w // 2 + 1)).astype(np.float32)
    coarse = random.normal(0, 1, (h // 40 + 2, w // 40 + 2)).astype(np.float32)
    parts = (cv2.resize(part, (w, h), interpolation=cv2.INTER_CUBIC) for part in (fine, coarse))
    return strength / 2 * sum(parts, np.zeros((h, w), np.float32))


def _view(w: int, h: int, out_w: int, out_h: int, random: Random) -> Matrix:
    """Look at the page from a hand-held phone: its corners land near, but not at, the picture's."""
    room = random.uniform(0.82, 0.95)
    scale = room * min(out_w / w, out_h / h)
    turn = np.deg2rad(random.uniform(-6, 6))
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    centred = (_corners(w, h) - np.array([w, h]) / 2) * scale @ spin.T
    wobble = random.uniform(-0.045, 0.045, (4, 2)) * (out_w, out_h)
    corners = centred + wobble + np.array([out_w, out_h]) / 2
    view = cv2.getPerspectiveTransform(_corners(w, h).astype(np.float32), corners.astype(np.float32))
    return np.asarray(view, np.float64)


def _lens(w: int, h: int, k: float) -> Plane:
    """Where each pixel of the picture looks through a lens with radial distortion `k`, (h, w, 2)."""
    y, x = np.mgrid[:h, :w].astype(np.float32)
    half = np.hypot(w, h) / 2
    dx, dy = (x - w / 2) / half, (y - h / 2) / half
    bend = 1 + k * (dx * dx + dy * dy)
    return np.stack([dx * bend * half + w / 2, dy * bend * half + h / 2], axis=-1)


def _stripes(at: Plane, random: Random) -> Plane:
    """Beats between a screen's pixels and the camera's: faint coloured bands along the page."""
    turn, period = random.uniform(0, np.pi), random.uniform(12, 60)
    phase = (at[..., 0] * np.cos(turn) + at[..., 1] * np.sin(turn)) * 2 * np.pi / period
    bands = [np.sin(phase + shift) for shift in random.uniform(0, 2, 3)]
    return (1 + random.uniform(0.01, 0.035) * np.stack(bands, axis=-1)).astype(np.float32)
