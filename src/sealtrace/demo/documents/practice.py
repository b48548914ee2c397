"""Sections 8 to 11 and the annex: start-up, deviations, safety, records, uncertainties."""

from __future__ import annotations

from sealtrace.demo.plant.operation import ASSAYS, OPERATION

from .blocks import Block, Both, Heading, Notice, Paragraph, Steps, Table


def sections() -> tuple[Block, ...]:
    """Write the last part of the specification."""
    return (*_running(), *_deviations(), *_safety(), *_records(), *_annex())


def _running() -> tuple[Block, ...]:
    return (
        Heading("8", Both("开车与停车", "Start-up and shutdown")),
        Heading("8.1", Both("开车", "Start-up"), 2),
        Steps(
            (
                Both(
                    "各槽充清水至 60 %，启动搅拌，逐级检查转向、密封与界面堰。",
                    "Fill every stage with water to 60 %, start the impellers, and check rotation, seals "
                    "and weirs.",
                ),
                Both(
                    "排空清水，自 E1 充入未皂化有机相，至有机相由 R6 溢流为止。",
                    "Drain the water and admit unsaponified organic at E1 until it overflows at R6.",
                ),
                Both(
                    "投入洗酸与反酸，流量为设计值的 50 %，待全部澄清室界面稳定。",
                    "Admit scrub and strip acid at 50 % of design flow until the interface is steady in "
                    "every settler.",
                ),
                Both(
                    "切换为皂化有机相；在 4 h 内把有机相、料液、洗酸同比提到设计流量。",
                    "Change over to saponified organic; raise organic, feed and scrub acid in proportion "
                    "to design flow within 4 h.",
                ),
                Both(
                    "全回流 24 h，SP-3 的镝连续三次合格后，萃余液转入成品槽 T-204。",
                    "Run at full reflux for 24 h; when Dy at SP-3 has passed three times in a row, turn "
                    "the raffinate to T-204.",
                ),
            )
        ),
        Heading("8.2", Both("停车", "Shutdown"), 2),
        Steps(
            (
                Both(
                    "先停料液，继续洗酸 6 h，使萃取段铽排入萃余液。",
                    "Stop the feed first and go on with scrub acid for 6 h, so that terbium leaves the "
                    "extraction section.",
                ),
                Both(
                    "停皂化，停有机相，最后停洗酸与反酸；停搅拌，关闭级间阀。",
                    "Stop saponification and organic, scrub and strip acid last; stop the impellers and "
                    "close all valves.",
                ),
                Both(
                    "停车超过 72 h 时，有机相全部抽回 T-203，各槽以 0.1 mol/L 盐酸保养。",
                    "For more than 72 h, pump the organic back to T-203 and keep the stages under 0.1 "
                    "mol/L hydrochloric acid.",
                ),
            )
        ),
    )


def _deviations() -> tuple[Block, ...]:
    return (
        Heading("9", Both("异常处置", "Deviations")),
        Table(
            "8",
            Both("常见异常、原因与处置", "Usual deviations, causes and responses"),
            (Both("现象", "Observation"), Both("可能原因", "Likely cause"), Both("处置", "Response")),
            (
                (
                    Both("萃余液镝升高", "Dy rises in the raffinate"),
                    Both("皂化度低；洗酸过量", "Saponification low; too much scrub acid"),
                    Both(
                        "先核对皂化度；正常时洗酸减 1 L/h，8 h 后复看",
                        "Check saponification; if right, cut scrub acid by 1 L/h and look again after 8 h",
                    ),
                ),
                (
                    Both("反萃液铽升高", "Tb rises in the strip liquor"),
                    Both("洗酸不足；有机相偏大", "Scrub acid short; organic flow high"),
                    Both(
                        "洗酸加 1 L/h；核对有机相流量计", "Add 1 L/h scrub acid; check the organic flow meter"
                    ),
                ),
                (
                    Both("第三相或乳化", "Third phase or emulsion"),
                    Both(
                        "铁、硅进入；皂化过度；温度低",
                        "Iron or silica in the feed; over-saponified; too cold",
                    ),
                    Both(
                        "停该级搅拌 10 min，升温至 28 ℃，滤除界面污物",
                        "Stop that impeller for 10 min, warm to 28 °C, filter off the crud",
                    ),
                ),
                (
                    Both("界面漂移", "Interface drifts"),
                    Both("堰口堵塞；负载变化", "Weir blocked; organic load changed"),
                    Both("清堰；按表 6 调至 412 mm", "Clear the weir; set to 412 mm as in Table 6"),
                ),
                (
                    Both("再生有机相残留高", "Organic not fully stripped"),
                    Both("反酸浓度低或流量小", "Strip acid weak or its flow low"),
                    Both(
                        "配酸复测；流量提至 575 L/h 以内", "Test the acid; raise the flow, not above 575 L/h"
                    ),
                ),
            ),
            (0.23, 0.31, 0.46),
            "lll",
        ),
    )


def _safety() -> tuple[Block, ...]:
    return (
        Heading("10", Both("安全与环保", "Safety and environment")),
        Paragraph(
            Both(
                "煤油闪点不低于 62 ℃；车间禁止明火，槽面设通风罩，可燃气体报警值为爆炸下限的 20 %。"
                "盐酸与氨水分区贮存，"
                "并设围堰与洗眼器。皂化废水收集于 T-209，氨氮处理合格后排放。",
                "The flash point of the kerosene is at least 62 °C. Open fire is forbidden, settlers are "
                "hooded and "
                "ventilated, and the gas alarm is set at 20 % of the lower explosive limit. Hydrochloric "
                "acid and ammonia "
                "are stored apart, within bunds and beside eye showers. Saponification waste water is "
                "collected in T-209 "
                "and discharged after ammonia removal.",
            )
        ),
        Notice(
            Both(
                "取样须佩戴护目镜、耐酸手套与防静电服。",
                "Goggles, acid-proof gloves and antistatic clothing are worn for all sampling.",
            )
        ),
    )


def _records() -> tuple[Block, ...]:
    return (
        Heading("11", Both("记录与保密", "Records and confidentiality")),
        Paragraph(
            Both(
                "操作记录、化验单、偏离单与校准证书保存 10 年。本规程的每份副本均登记到人、"
                "设备与网络地址，并带有个别标记；"
                "未经批准不得复制、拍照或转发。",
                "Operating records, assay sheets, deviation sheets and calibration certificates are kept "
                "for 10 years. "
                "Each copy of this specification is registered to a person, a device and a network "
                "address and carries an "
                "individual mark. It may not be copied, photographed or passed on without approval.",
            )
        ),
    )


def _annex() -> tuple[Block, ...]:
    shown = [c for c in (*OPERATION, *ASSAYS) if not c.relative or c.name.endswith("_tb")]
    rows = tuple(
        (
            Both(c.chinese, c.name.replace("_", " ")),
            c.unit.replace("degC", "℃").replace("pH", "1"),
            f"{100 * c.uncertainty:.1f} %" if c.relative else f"{c.uncertainty:g}",
            Both("相对", "relative") if c.relative else Both("绝对", "absolute"),
            Both("化验室", "Laboratory") if c.relative else Both("在线仪表", "Instrument"),
        )
        for c in shown
    )
    return (
        Heading("A", Both("附录：测量不确定度", "Annex: measurement uncertainty")),
        Paragraph(
            Both(
                "下表为标准不确定度（k = 1），取自校准证书；判定是否超限时以 k = 2 计。",
                "Standard uncertainties (k = 1) from the calibration certificates; k = 2 is used in "
                "judging a limit.",
            )
        ),
        Table(
            "A.1",
            Both("测量不确定度", "Measurement uncertainty"),
            (Both("量", "Quantity"), "单位\nUnit", "u (k = 1)", Both("类型", "Kind"), Both("来源", "Source")),
            rows,
            (0.38, 0.12, 0.14, 0.16, 0.20),
            "lcrll",
        ),
    )
