"""Two hundred fictional recipients: operators in both scripts, their devices, addresses nobody owns."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

import numpy as np

from sealtrace.custody.model import Recipient

SEED = 61
FAMILY = (
    ("陈", "Chen"), ("林", "Lin"), ("黄", "Huang"), ("周", "Zhou"), ("吴", "Wu"), ("徐", "Xu"), ("孙", "Sun"),
    ("马", "Ma"), ("朱", "Zhu"), ("胡", "Hu"), ("郭", "Guo"), ("何", "He"), ("高", "Gao"), ("罗", "Luo"),
    ("郑", "Zheng"), ("梁", "Liang"), ("谢", "Xie"), ("宋", "Song"), ("唐", "Tang"), ("韩", "Han"),
)  # fmt: skip
GIVEN = (
    ("立群", "Liqun"), ("思远", "Siyuan"), ("雨桐", "Yutong"), ("建平", "Jianping"), ("晓岚", "Xiaolan"),
    ("文博", "Wenbo"), ("佳宁", "Jianing"), ("志强", "Zhiqiang"), ("静怡", "Jingyi"), ("海涛", "Haitao"),
)  # fmt: skip
DEVICES = ("LT", "WS", "PC", "TB")  # laptop, workstation, desktop, tablet
NETWORKS = (  # private addresses (RFC 1918) and those kept for documentation (RFC 5737, RFC 3849)
    "10.20.0.0/16",
    "172.16.8.0/22",
    "192.168.40.0/22",
    "192.0.2.0/24",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "2001:db8:20::/64",
)
COUNT = 200


def operators() -> Iterator[str]:
    """Every name once, families mixed."""
    for shift, (given_zh, given) in enumerate(GIVEN):
        for i in range(len(FAMILY)):
            family_zh, family = FAMILY[(i + 7 * shift) % len(FAMILY)]
            yield f"{family_zh}{given_zh} {family} {given}"


def recipients() -> list[Recipient]:
    """Give COUNT recipients, each with a device and an address of their own. The same each time."""
    rng = np.random.default_rng(SEED)
    networks = [ipaddress.ip_network(text) for text in NETWORKS]
    made: list[Recipient] = []
    used: set[tuple[object, int]] = set()
    for number, operator in zip(range(COUNT), operators(), strict=True):
        network = networks[number % len(networks)]
        host = _free_host(rng, min(network.num_addresses - 2, 65_000), {h for n, h in used if n == network})
        used.add((network, host))
        device = (
            f"{DEVICES[int(rng.integers(len(DEVICES)))]}-{2023 + number % 4}-{1000 + 37 * number % 9000:04d}"
        )
        made.append(Recipient(operator, device, str(network[host])))
    return made


def _free_host(rng: np.random.Generator, highest: int, taken: set[int]) -> int:
    while True:
        host = int(rng.integers(1, highest))
        if host not in taken:
            return host
