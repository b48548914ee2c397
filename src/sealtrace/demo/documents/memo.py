"""A page that has nothing to do with the plant: what an office never registered must not be recognised."""

from __future__ import annotations

from .blocks import Both, Document, Heading, Paragraph, Steps, Table

DISHES = (
    ("周一 Mon", Both("番茄炒蛋、清蒸鱼", "Egg and tomato, steamed fish"), "12.00"),
    ("周二 Tue", Both("宫保鸡丁、蒜蓉菜心", "Kung pao chicken, greens with garlic"), "13.00"),
    ("周三 Wed", Both("红烧牛肉面", "Braised beef noodles"), "14.00"),
    ("周四 Thu", Both("麻婆豆腐、紫菜汤", "Mapo tofu, seaweed soup"), "11.00"),
    ("周五 Fri", Both("饺子、凉拌黄瓜", "Dumplings, cucumber salad"), "12.50"),
)


def memo() -> Document:
    """Write the canteen's notice of the week."""
    return Document(
        number="ST-10",
        revision="1",
        date="2026-03-06",
        title=Both("职工食堂一周菜单", "Canteen menu of the week"),
        subtitle=Both("第 11 周", "Week 11"),
        organisation=Both("松涛园区服务部（虚构）", "Songtao Park Services (fictional)"),
        level=Both("公开", "PUBLIC"),
        disclaimer=Both("虚构示例", "Fictional example"),
        facts=(
            (Both("开放时间", "Open"), "11:00 – 13:30"),
            (Both("座位", "Seats"), "320"),
            (Both("窗口", "Counters"), "6"),
            (Both("电话", "Telephone"), "555-0134"),
        ),
        history=(("1", "2026-03-06", Both("发布", "Published")),),
        approvals=((Both("编制", "Prepared"), Both("白鹭", "Bai Lu"), "2026-03-06"),),
        blocks=(
            Heading("1", Both("菜单", "Menu")),
            Paragraph(
                Both(
                    "每天另有两种素菜和一种汤。如对花生或海鲜过敏，请告诉窗口师傅。",
                    "Two vegetable dishes and a soup are offered every day. Tell the cook if you are "
                    "allergic to peanuts "
                    "or seafood.",
                )
            ),
            Table(
                "1",
                Both("每日主菜与价格", "Main dishes and prices"),
                ("日期\nDay", Both("主菜", "Main dish"), "元\nYuan"),
                DISHES,
                (0.2, 0.6, 0.2),
                "llr",
            ),
            Heading("2", Both("请注意", "Please note")),
            Steps(
                (
                    Both("请把餐盘放到回收处。", "Bring your tray to the return counter."),
                    Both(
                        "十二点人最多，可以早来或晚来。", "Noon is the busiest hour: come earlier or later."
                    ),
                    Both("外带请自备餐盒。", "Bring your own box for take-away."),
                )
            ),
        ),
    )
