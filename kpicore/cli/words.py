"""What the program says in tables, in English and in Chinese."""

from __future__ import annotations

from typing import Literal

__all__ = ["Language", "heading", "say"]

Language = Literal["en", "zh"]

_CHINESE = {
    "Metric": "指标",
    "Name": "名称",
    "Unit": "单位",
    "Better": "方向",
    "Definition": "定义",
    "Parameter": "参数",
    "Default": "默认值",
    "Takes": "取值",
    "Meaning": "说明",
    "Period": "周期",
    "Value": "数值",
    "Numerator": "分子",
    "n": "样本数",
    "Note": "备注",
    "Part": "类别",
    "Source": "来源",
    "Table": "数据表",
    "Status": "状态",
    "Reason": "原因",
    "Rows": "行数",
    "Computable": "可计算",
    "Missing": "缺少",
    "Rank": "排名",
    "Total": "总分",
    "95 % interval": "95% 区间",
    "Grade": "等级",
    "Plugin": "插件",
    "Distribution": "发行包",
    "Version": "版本",
    "Provides": "提供",
    "Fault": "故障",
    "Adapter": "适配器",
    "Tables": "数据表",
    "Options": "选项",
    "Card": "评分卡",
    "Title": "标题",
    "Subject": "对象",
    "Profile": "用途",
    "Run": "运行",
    "Made": "生成时间",
    "Content": "内容哈希",
    "File": "文件",
    "Files": "文件数",
    "Verified": "已验证",
    "Stage": "阶段",
    "Size": "大小",
    "Needs": "所需数据",
    "period": "周期",
    "all": "全部",
    "agent": "坐席",
    "team": "团队",
    "queue": "队列",
    "channel": "渠道",
    "customer": "客户",
    "product": "产品",
    "topic": "主题",
    "skill": "技能",
    "tenure": "司龄",
    "hour_of_day": "小时",
    "weekday": "星期",
    "yes": "是",
    "no": "否",
    "none": "无",
    "higher": "越高越好",
    "lower": "越低越好",
    "range": "区间最佳",
    "neutral": "中性",
    "provisional": "暂定",
    "no_data": "无数据",
    "used": "已用",
    "excluded": "已排除",
    "rejected": "已拒绝",
    "note": "备注",
    "s": "秒",
    "ratio": "比率",
    "calls": "通",
    "contacts": "次",
    "conversations": "个会话",
    "sessions": "个会话",
    "sessions/h": "个会话/小时",
    "the log": "日志",
    "the run": "运行",
    "measure it": "计算",
    "score it": "评分",
    "verify it": "验证",
    "held": "待复核",
    "What became of the rows": "数据行去向",
    "What can be computed": "可计算的指标",
    "What was measured": "指标值",
    "Parameters": "参数",
    "Denominator": "分母",
    "Differs by": "与默认之差",
    "What each parameter does alone": "各参数单独的影响",
    "Here": "此定义",
    "Metrics": "指标一览",
    "Belongs to the period of": "归属周期",
    "Final after": "定稿需",
    "days": "天",
    "Usual": "行业常见值",
    "Target": "目标",
    "Dialects": "平台口径",
    "Off target": "未达标时",
    "What moves it": "影响因素",
    "What to do": "改进措施",
    "Example": "示例",
    "; ": "；",
    ": ": "：",
    ".": "。",
    "Alone": "单独改动后",
    "Moves by": "变动",
}


def say(text: str, lang: Language) -> str:
    """Returns ``text`` in the language; what has no translation stays as it is."""
    return _CHINESE.get(text, text) if lang == "zh" else text


def heading(column: str, lang: Language) -> str:
    """Returns the title of a column: in English its name in words.

    >>> heading("hour_of_day", "en"), heading("agent", "zh")
    ('Hour of day', '坐席')
    """
    word, bracket, rest = column.partition("[")
    title = _CHINESE.get(word, word) if lang == "zh" else word.replace("_", " ").capitalize()
    return title + bracket + rest
