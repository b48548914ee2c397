"""Sections 1 to 3 of the specification: scope, materials, circuit."""

from __future__ import annotations

from sealtrace.demo.plant.cascade import Cascade, Conditions

from .blocks import Block, Both, Figure, Heading, Notice, Paragraph, Table


def sections(settled: Cascade, design: Conditions) -> tuple[Block, ...]:
    """Write scope, materials and circuit."""
    return (*_scope(), *_materials(design), *_circuit(settled))


def _scope() -> tuple[Block, ...]:
    return (
        Heading("1", Both("范围", "Scope")),
        Paragraph(
            Both(
                "本规程规定 HX-2 萃取回路的原料、有机相、级数、流比、操作限值、取样与化验、开停车及异常处置。"
                "HX-2 接受上游分组后的铽、镝、钇氯化物料液，在萃余液中得到铽，在反萃液中得到镝与钇，"
                "后者送 HX-3 回路继续分离。",
                "This specification lays down feed, organic phase, stages, flow ratios, operating "
                "limits, sampling and "
                "assay, start-up, shutdown and the response to deviations for circuit HX-2. HX-2 takes "
                "the terbium, "
                "dysprosium and yttrium chloride feed from the upstream grouping, yields terbium in the "
                "raffinate, and "
                "dysprosium with yttrium in the strip liquor, which goes on to circuit HX-3.",
            )
        ),
        Paragraph(
            Both(
                "适用于工艺、操作、分析、设备与安全岗位。任何偏离均须填写偏离单，"
                "并由工艺工程师书面确认后方可执行。",
                "It applies to process, operation, laboratory, maintenance and safety staff. Every "
                "departure from it "
                "needs a deviation sheet and the written agreement of the process engineer beforehand.",
            )
        ),
        Table(
            "1",
            Both("术语与符号", "Terms and symbols"),
            ("符号\nSymbol", Both("含义", "Meaning"), "单位\nUnit"),
            (
                (
                    "D",
                    Both(
                        "分配比：有机相浓度与水相浓度之比",
                        "Distribution ratio: organic over aqueous concentration",
                    ),
                    "1",
                ),
                (
                    "β",
                    Both("分离系数：两元素分配比之比", "Separation factor: ratio of two distribution ratios"),
                    "1",
                ),
                ("E / S / R", Both("萃取段、洗涤段、反萃段", "Extraction, scrub and strip section"), "–"),
                (
                    "O : F : W",
                    Both("有机相、料液、洗酸的体积流量比", "Volume flow of organic, feed and scrub acid"),
                    "1",
                ),
                (
                    "η",
                    Both(
                        "皂化度：以铵盐形式存在的萃取剂份额",
                        "Saponification: share of extractant in ammonium form",
                    ),
                    "%",
                ),
                ("REO", Both("稀土氧化物总量", "Total rare-earth oxides"), "g/L"),
            ),
            (0.16, 0.68, 0.16),
            "lll",
        ),
    )


def _materials(c: Conditions) -> tuple[Block, ...]:
    total = sum(c.feed)
    share = [f"{100 * v / total:.1f}" for v in c.feed]
    return (
        Heading("2", Both("原料与有机相", "Feed and organic phase")),
        Heading("2.1", Both("料液", "Feed"), 2),
        Paragraph(
            Both(
                "料液为分组回路的铽镝钇富集氯化物溶液，经过滤、除油、调酸后进入 T-201 贮槽。"
                "每批取样合格后方可切换进料。",
                "The feed is the concentrate of terbium, dysprosium and yttrium chlorides from the "
                "grouping circuit. "
                "It is filtered, freed of entrained oil, adjusted in acidity and held in tank T-201. A "
                "batch is put on "
                "stream only after its sample has passed.",
            )
        ),
        Table(
            "2",
            Both("料液指标", "Feed requirements"),
            (Both("项目", "Item"), "单位\nUnit", "目标\nTarget", "下限\nLow", "上限\nHigh"),
            (
                (Both("稀土总浓度", "Total rare earths"), "mol/L", f"{total:.2f}", "0.86", "0.94"),
                (Both("铽 / 稀土", "Tb / total"), "mol %", share[0], "10.0", "13.0"),
                (Both("镝 / 稀土", "Dy / total"), "mol %", share[1], "44.0", "48.0"),
                (Both("钇 / 稀土", "Y / total"), "mol %", share[2], "40.0", "45.0"),
                (Both("酸度", "Acidity"), "mol/L", f"{c.feed_acid:.2f}", "0.04", "0.08"),
                (Both("铁", "Iron"), "mg/L", "< 2", "–", "5"),
                (Both("铝", "Aluminium"), "mg/L", "< 5", "–", "10"),
                (Both("悬浮物", "Suspended solids"), "mg/L", "< 3", "–", "5"),
                (Both("油", "Entrained oil"), "mg/L", "< 5", "–", "10"),
            ),
            (0.36, 0.16, 0.16, 0.16, 0.16),
            "lcrrr",
        ),
        Heading("2.2", Both("有机相", "Organic phase"), 2),
        Paragraph(
            Both(
                "萃取剂为 P507（2-乙基己基膦酸单 2-乙基己酯），稀释剂为磺化煤油。皂化用氨水在 M-230 "
                "连续皂化槽中进行，"
                "皂化有机相须澄清、无第三相。每周测定一次萃取剂浓度，损失以新鲜萃取剂补足。",
                "The extractant is P507, 2-ethylhexylphosphonic acid mono-2-ethylhexyl ester, in "
                "sulphonated kerosene. "
                "It is saponified continuously with aqueous ammonia in M-230; the product must be clear "
                "and free of a "
                "third phase. The extractant is titrated weekly and losses are made up with fresh "
                "extractant.",
            )
        ),
        Table(
            "3",
            Both("有机相指标", "Organic phase requirements"),
            (Both("项目", "Item"), "单位\nUnit", "目标\nTarget", "允许范围\nRange"),
            (
                (
                    Both("萃取剂浓度（单体）", "Extractant, as monomer"),
                    "mol/L",
                    f"{c.extractant:.2f}",
                    "1.47 – 1.53",
                ),
                (
                    Both("皂化度 η", "Saponification η"),
                    "%",
                    f"{100 * c.saponified:.1f}",
                    Both("见表 6", "see Table 6"),
                ),
                (Both("负载稀土", "Loaded rare earths"), "mol/L", "0.180", "0.165 – 0.190"),
                (Both("反萃后残留稀土", "Rare earths after stripping"), "g/L", "< 0.02", "≤ 0.05"),
                (Both("25 ℃ 粘度", "Viscosity at 25 °C"), "mPa s", "3.4", "2.8 – 4.2"),
                (Both("分相时间", "Phase disengagement"), "s", "90", "≤ 150"),
            ),
            (0.40, 0.16, 0.18, 0.26),
            "lcrr",
        ),
    )


def _circuit(settled: Cascade) -> tuple[Block, ...]:
    e, s, r = settled.shape.extraction, settled.shape.scrub, settled.shape.strip
    return (
        Heading("3", Both("流程", "Circuit")),
        Paragraph(
            Both(
                f"回路由 {e} 级萃取、{s} 级洗涤和 {r} 级反萃的混合澄清槽组成。皂化有机相自 E1 进入，"
                "逐级向右流动；"
                f"料液在 E{e} 进入水相，洗酸在 S{s} 进入水相，两者在萃取段汇合后自 E1 流出，即为含铽萃余液。"
                f"负载有机相离开 S{s} 后进入反萃段，由反萃酸逆流反萃，得到镝钇反萃液；"
                "再生有机相经水洗后返回皂化。",
                f"The circuit has {e} extraction, {s} scrub and {r} strip stages, each a mixer-settler. "
                "Saponified organic "
                f"enters at E1 and moves to the right. Feed joins the aqueous phase at E{e}, scrub acid "
                f"at S{s}; together "
                "they leave at E1 as the terbium raffinate. The loaded organic passes on to the strip "
                "section, where "
                "counter-current strip acid gives the dysprosium-yttrium liquor. Regenerated organic is "
                "washed and "
                "returns to saponification.",
            )
        ),
        Figure(
            "1",
            Both(
                "HX-2 回路示意（实线：有机相；虚线：水相）", "Circuit HX-2 (solid: organic, dashed: aqueous)"
            ),
            "circuit",
        ),
        Notice(
            Both(
                "有机相与水相的流向不得颠倒。任何管线改动后，须以清水试漏并重新核对流向，再投有机相。",
                "Never reverse the direction of either phase. After any change of piping, test with "
                "water and check "
                "the directions again before organic is admitted.",
            )
        ),
    )
