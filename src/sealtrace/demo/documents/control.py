"""Sections 6 and 7 of the specification: operating limits, sampling and assay."""

from __future__ import annotations

from sealtrace.demo.plant.cascade import Conditions

from .blocks import Block, Both, Heading, Notice, Paragraph, Table


def sections(revision: str, design: Conditions) -> tuple[Block, ...]:
    """Write operating limits and laboratory control; the limits are those of the revision."""
    return (*_limits(revision, design), *_assays(revision))


def _limits(revision: str, c: Conditions) -> tuple[Block, ...]:
    soap = ("35.5", "36.5") if revision == "B" else ("35.0", "37.0")
    acid = ("2.77", "2.83") if revision == "B" else ("2.74", "2.86")
    flow = Both("核对泵冲程与流量计", "Check pump stroke and flow meter")
    return (
        Heading("6", Both("操作限值", "Operating limits")),
        Paragraph(
            Both(
                "表 6 为正常运行限值。超出报警值时，操作工先按“措施”栏处理并记录；30 min 内不能恢复的，"
                "通知工艺工程师。",
                "Table 6 gives the limits of normal running. Beyond an alarm value the operator first "
                "does what the last "
                "column says and records it; what does not recover within 30 min goes to the process "
                "engineer.",
            )
        ),
        Table(
            "6",
            Both("操作限值", "Operating limits"),
            (
                Both("参数", "Parameter"),
                "单位\nUnit",
                "目标\nTarget",
                "低报\nLow",
                "高报\nHigh",
                Both("措施", "Action"),
            ),
            (
                (Both("料液流量", "Feed flow"), "L/h", f"{c.feed_flow:.0f}", "588", "612", flow),
                (Both("有机相流量", "Organic flow"), "L/h", f"{c.organic_flow:.0f}", "4100", "4180", flow),
                (Both("洗酸流量", "Scrub acid flow"), "L/h", f"{c.scrub_flow:.0f}", "315", "325", flow),
                (Both("反酸流量", "Strip acid flow"), "L/h", f"{c.strip_flow:.0f}", "545", "575", flow),
                (
                    Both("皂化度 η", "Saponification η"),
                    "%",
                    f"{100 * c.saponified:.1f}",
                    *soap,
                    Both("调氨水流量，复测", "Adjust ammonia, titrate again"),
                ),
                (
                    Both("洗酸浓度", "Scrub acid"),
                    "mol/L",
                    f"{c.scrub_acid:.2f}",
                    *acid,
                    Both("重新配酸", "Prepare the acid again"),
                ),
                (
                    Both("反酸浓度", "Strip acid"),
                    "mol/L",
                    f"{c.strip_acid:.2f}",
                    "4.50",
                    "4.70",
                    Both("重新配酸", "Prepare the acid again"),
                ),
                (
                    Both("萃余液酸度 pH", "Raffinate pH"),
                    "1",
                    "0.86",
                    "0.78",
                    "0.95",
                    Both("核对皂化度与洗酸量", "Check saponification and scrub flow"),
                ),
                (
                    Both("E9 水相酸度", "Acidity at E9"),
                    "mol/L",
                    "0.45",
                    "0.42",
                    "0.50",
                    Both("微调洗酸 ±1 L/h", "Trim scrub acid by 1 L/h"),
                ),
                (
                    Both("槽温", "Mixer temperature"),
                    "℃",
                    "26",
                    "22",
                    "31",
                    Both("调换热器", "Adjust heat exchanger"),
                ),
                (
                    Both("E1 界面高度", "Interface at E1"),
                    "mm",
                    "412",
                    "395",
                    "430",
                    Both("调界面堰", "Adjust the interface weir"),
                ),
                (
                    Both("搅拌转速", "Impeller speed"),
                    "r/min",
                    "310",
                    "290",
                    "330",
                    Both("检查变频器与乳化", "Check drive; look for emulsion"),
                ),
            ),
            (0.215, 0.085, 0.105, 0.09, 0.09, 0.415),
            "lcrrrl",
        ),
        Notice(
            Both(
                "洗酸与皂化度不得在同一班内同时调整：两者的效果要 8 h 以上才能在萃余液中看到。",
                "Do not adjust scrub acid and saponification within the same shift: it takes more than 8 "
                "h before "
                "either shows in the raffinate.",
            )
        ),
    )


def _assays(revision: str) -> tuple[Block, ...]:
    dy = "≤ 0.10" if revision == "B" else "≤ 0.15"
    icp, edta = "ICP-OES", Both("EDTA 滴定", "EDTA titration")
    acid = Both("酸碱滴定", "Acid-base titration")
    return (
        Heading("7", Both("取样与化验", "Sampling and assay")),
        Paragraph(
            Both(
                "在线仪表每 10 min 记录一次，化验每 2 h 一次，级样每周一次。水相样经 0.45 μm "
                "滤膜过滤后测定；有机相样先以 "
                "6 mol/L 盐酸反萃两次，合并水相后测定。",
                "Instruments are logged every 10 min, assays are made every 2 h, stage samples weekly. "
                "Aqueous samples "
                "pass a 0.45 μm membrane first; organic samples are stripped twice with 6 mol/L "
                "hydrochloric acid and the "
                "combined aqueous phase is measured.",
            )
        ),
        Table(
            "7",
            Both("取样点与化验限值", "Sampling points and assay limits"),
            (
                "编号\nPoint",
                Both("位置", "Place"),
                Both("项目", "Determination"),
                "限值\nLimit",
                "单位\nUnit",
                "频次\nEvery",
                Both("方法", "Method"),
            ),
            (
                (
                    "SP-1",
                    Both("料液槽 T-201", "Feed tank T-201"),
                    Both("稀土总量", "Total rare earths"),
                    "0.86–0.94",
                    "mol/L",
                    Both("每批", "batch"),
                    edta,
                ),
                (
                    "SP-2",
                    Both("皂化有机相", "Saponified organic"),
                    Both("皂化度", "Saponification"),
                    Both("表 6", "Table 6"),
                    "%",
                    "4 h",
                    acid,
                ),
                ("SP-3", Both("萃余液 E1", "Raffinate E1"), Both("镝", "Dysprosium"), dy, "g/L", "2 h", icp),
                (
                    "SP-3",
                    Both("萃余液 E1", "Raffinate E1"),
                    Both("钇", "Yttrium"),
                    "≤ 0.005",
                    "g/L",
                    "2 h",
                    icp,
                ),
                (
                    "SP-4",
                    Both("中间级 E9", "Middle stage E9"),
                    Both("酸度", "Acidity"),
                    "0.42–0.50",
                    "mol/L",
                    "2 h",
                    acid,
                ),
                (
                    "SP-5",
                    Both("负载有机相 S16", "Loaded organic S16"),
                    Both("铽", "Terbium"),
                    "≤ 0.035",
                    "g/L",
                    "2 h",
                    icp,
                ),
                (
                    "SP-6",
                    Both("反萃液 R1", "Strip liquor R1"),
                    Both("铽", "Terbium"),
                    "≤ 0.20",
                    "g/L",
                    "2 h",
                    icp,
                ),
                (
                    "SP-7",
                    Both("再生有机相", "Regenerated organic"),
                    Both("残留稀土", "Residual rare earths"),
                    "≤ 0.05",
                    "g/L",
                    "8 h",
                    icp,
                ),
            ),
            (0.085, 0.2, 0.195, 0.125, 0.095, 0.09, 0.21),
            "lllrcll",
        ),
        Paragraph(
            Both(
                "ICP-OES 测定以铟为内标，每 20 个样品插入一个质控样；质控样偏差超过 2 % 时，"
                "重测该批全部样品。"
                "仲裁样在 4 ℃ 保存 90 天。",
                "ICP-OES uses indium as internal standard, with one control sample in every 20; when it "
                "is off by more "
                "than 2 %, all samples of that run are measured again. Referee samples are kept at 4 °C "
                "for 90 days.",
            )
        ),
    )
