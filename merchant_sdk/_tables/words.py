"""What is said of tables that can't be read and rows that aren't sent, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ENGLISH, CHINESE = "en", "zh"

WORDS: Mapping[str, tuple[str, str]] = {
    # a statement that is checked
    "check-holds": (
        "statement {statement_id}: {rows} rows come to its lines and {closing} fen; it stands in period {number}, hash {hash}",
        "结算单 {statement_id}：{rows} 条明细与各行相符，期末 {closing} 分；它在第 {number} 期内，哈希 {hash}",
    ),
    "check-in-order": ("{count} statements follow each other", "{count} 份结算单前后相接"),
    "no-statement": (
        "{path}: no statement as JSON (export?format=json)",
        "{path}：不是 JSON 结算单（export?format=json）",
    ),
    "check-whole": ("something is missing in the file, or isn't what it should be", "文件不完整，或内容不对"),
    "check-other": ("the proof is of {wanted}, not of {found}", "证明属于 {wanted}，不属于 {found}"),
    "check-figure": ("{figure} is {found} and should be {wanted}", "{figure} 为 {found}，应为 {wanted}"),
    "check-rows": ("the rows aren't those that the proof is of", "明细与证明不符"),
    "check-path": ("the path doesn't lead from the statement to its period", "路径不能从结算单通到结算期"),
    "check-hash": ("the hash of period {number} is another", "第 {number} 期的哈希不符"),
    "check-noted": ("the hash isn't the one that was noted: {found}", "哈希不是当初记下的：{found}"),
    "check-stray": ("{cause} belongs to line {line}, which isn't so", "{cause} 归于第 {line} 行，与该行不符"),
    "check-line": ("line {line} is {found} and should be {wanted}", "第 {line} 行为 {found}，应为 {wanted}"),
    "check-price": ("line {line}: no terms have the price {price}", "第 {line} 行：条款中没有单价 {price}"),
    "check-apart": (
        "{before} and {after} aren't one party's of periods that follow each other",
        "{before} 与 {after} 不是同一方前后相接的两期",
    ),
    "check-chain": ("period {after} doesn't take in period {before}", "第 {after} 期的哈希不含第 {before} 期"),
    "check-opening": ("the opening is {found}, the closing before {wanted}", "期初为 {found}，上期期末为 {wanted}"),
    # a cell
    "field": ("{field}: {why}", "{column}：{why}"),
    "empty": ("{fields}: empty", "{fields}：空的"),
    "no-amount": ("{cell!r} is no amount", "“{cell}”不是金额"),
    "parts-of-fen": ("{cell} has parts of a fen{hint}", "{cell} 不足一分的零头{hint}"),
    "unit-is-yuan": (" (the unit is yuan)", "（单位是元）"),
    "below-zero": (
        "{cell} is below 0: a refund is no sale (--negative-are-refunds, if the table holds both)",
        "{cell} 小于 0：退款不是交易（表里两样都有时用 --negative-are-refunds）",
    ),
    "too-much": ("{cell} is more than a sale can be", "{cell} 超过一笔交易的上限"),
    "amount-shortened": (
        "{cell} is in scientific notation: digits are missing; format the column as a number and export again",
        "{cell} 是科学记数法，已丢失数字：请把此列设为“数值”格式后重新导出",
    ),
    "no-time": (
        "{cell!r} is no time of a day (say 2026-01-01 20:15:00)",
        "“{cell}”不是到分秒的时间（应如 2026-01-01 20:15:00）",
    ),
    "day-alone": (
        "{cell}: a day, and no time of a day; say which time it shall be with --at 12:00",
        "{cell}：只有日期，没有时间；请用 --at 12:00 说明按几点计",
    ),
    "business-day": (
        "{day} {clock}: a time after midnight, whose day may be the next one ({column}); give the full time, or say "
        "--map '{column}=day', if the day is right",
        "{day} {clock}：过了零点，实际可能是次日（{column}）；请给出完整时间，若日期没错，用 --map '{column}=day'",
    ),
    "no-day": ("{cell!r} is no day (say 2026-01-01)", "“{cell}”不是日期（应如 2026-01-01）"),
    "out-of-range": ("{cell!r} is out of range", "“{cell}”超出范围"),
    "shortened": (
        "{cell}: the spreadsheet has shortened this number; format the column as text and export again",
        "{cell}：表格软件已把这个号码缩短；请把此列设为“文本”格式后重新导出",
    ),
    "zeros-lost": (
        "{cell}: the spreadsheet may have taken zeros off its beginning, others here begin with 0; "
        "format the column as text and export again",
        "{cell}：开头的 0 可能已丢失（此列别的号码以 0 开头）；请把此列设为“文本”格式后重新导出",
    ),
    "cut-off": ("{cell}: the end is missing; export it in full", "{cell}：末尾被省略；请导出完整内容"),
    "several-numbers": ("{cell}: several numbers in one cell", "{cell}：一格里有几个号码"),
    "is-a-date": (
        "{cell}: the spreadsheet has made a date of this number; format the column as text and export again",
        "{cell}：表格软件已把这个号码变成日期；请把此列设为“文本”格式后重新导出",
    ),
    "no-number": ("{cell}: no number of a sale", "{cell}：不是单号"),
    "no-value": ("{cell}: an error of the spreadsheet stands for its value", "{cell}：表格软件的错误值，不是内容"),
    "other-money": (
        "shown as money that isn't yuan: convert it into yuan",
        "单元格格式是外币：请先换算成人民币",
    ),
    "formula": (
        "a formula whose value isn't in the file: open it, save it, export again",
        "公式没有存下结果：请打开后另存再导出",
    ),
    "merged": ("merged with the cells above or beside it: unmerge them", "与上方或旁边的单元格合并了：请取消合并"),
    "masked": (
        "{cell}: digits are hidden; export it in full, or say --ignore {column} to report the sales unclaimed",
        "{cell}：号码被隐去了几位；请导出完整号码，或用 --ignore {column} 不报会员",
    ),
    "no-unit": ("{cell!r} is no unit of money", "“{cell}”不是金额单位"),
    "no-currency": ("{cell!r} is no currency (say CNY)", "“{cell}”不是币种（应如 CNY）"),
    "half-a-character": ("half a character that can't be sent", "有半个字符，无法发送"),
    "bad-bytes": ("bytes that are no {encoding}: this row is in another encoding", "此行编码与全表（{encoding}）不同"),
    "zero-bytes": (
        "zero bytes: the file wasn't written to its end (power cut?); export it again",
        "有空字节：文件没有写完（是否断过电？）；请重新导出",
    ),
    "too-long": ("its cells are too long", "单元格内容太长"),
    # a row
    "more-cells": (
        "more cells than there are columns: is a comma not quoted?",
        "单元格比列名多：是否有逗号没加引号？",
    ),
    "fewer-cells": (
        "fewer cells than there are columns: a quotation mark or the end of the file has swallowed some",
        "单元格比列名少：被引号或文件结尾吞掉了",
    ),
    "open-quote": ("a quotation mark that isn't closed", "有一个引号没有闭合"),
    "stray-quote": ("a quotation mark in the middle of a cell", "单元格中间有多余的引号"),
    "hidden": (
        "the row is hidden (by a filter?): show it, or delete it",
        "此行被隐藏（是否筛选过？）：请取消隐藏，或删除",
    ),
    "sums": ("a row of sums", "这是合计行"),
    "torn": (
        "{cell}: the file ends here without the end of a line, and all other rows say more: was it cut off?",
        "{cell}：文件在此结束，没有换行，而别的行都更完整：文件是否不完整？",
    ),
    "days-alone": (
        "all times here are 0:00: days, and no times of a day; say which time it shall be with --at 12:00 "
        "(--at 00:00, if it is right)",
        "本表的时间全是 0:00：其实只有日期；请用 --at 12:00 说明按几点计（若没有错，用 --at 00:00）",
    ),
    "parted": (
        "{whole}: its amount is that of its parts together ({whole}-1, …); report either the whole or the parts",
        "{whole}：金额等于它各部分（{whole}-1 等）之和；请只报整单，或只报各部分",
    ),
    "above-names": (
        "above the names of the columns: give this part a file of its own, with its names",
        "在表头之上：请单独存成一个文件，并带上表头",
    ),
    "other-names": (
        "other names of columns begin here: give this part a file of its own",
        "此处开始了另一种表头：请单独存成一个文件",
    ),
    "below-other-names": (
        "below other names of columns (row {number}): give this part a file of its own",
        "在另一种表头（第 {number} 行）之下：请单独存成一个文件",
    ),
    "is-refund": (
        "a refund ({column}: {cell}): report it with `refund` (--negative-are-refunds, if the table holds both)",
        "这是退款（{column}：{cell}）：请用 refund 上报（表里两样都有时用 --negative-are-refunds）",
    ),
    "is-sale": (
        "a sale ({column}: {cell}): report it with `report` (--negative-are-refunds, if the table holds both)",
        "这是交易（{column}：{cell}）：请用 report 上报（表里两样都有时用 --negative-are-refunds）",
    ),
    "is-void": (
        "neither sale nor refund ({column}: {cell}); where it doesn't matter: --ignore '{column}={cell}'",
        "未成交或已作废（{column}：{cell}）；若无妨，用 --ignore '{column}={cell}'",
    ),
    "unknown-kind": (
        "{column}: {cell!r} isn't understood, and may change what the row means; "
        "if it doesn't: --ignore '{column}'; to leave such rows out: --ignore '{column}={cell}'",
        "{column}：看不懂“{cell}”，它可能改变此行的意思；若无妨，用 --ignore '{column}'；若不要这些行，用 --ignore '{column}={cell}'",
    ),
    "partly-refunded": (
        "{column} {cell}: some of it was given back; report the refund too, and say --ignore '{column}'",
        "{column} {cell}：已退过一部分；请另报退款，并用 --ignore '{column}' 说明",
    ),
    "of-another": (
        "{column} {cell}: this row belongs to another sale, as a part of it or in exchange; if it is a sale of its own: "
        "--ignore '{column}'",
        "{column} {cell}：此行属于另一笔交易（拆单、换货等）；若是独立的交易，用 --ignore '{column}'",
    ),
    "several-sales": (
        "{column} {cell}: several sales in one row; report each by itself (if it means something else: "
        "--ignore '{column}')",
        "{column} {cell}：一行里有几笔交易，请逐笔上报（若另有所指，用 --ignore '{column}'）",
    ),
    "discounted": (
        "{column} {cell}: is the amount before it was taken off? Choose the column of what was paid with --map; "
        "if the amount is after it: --ignore '{column}'",
        "{column} {cell}：金额是否还没减去它？请用 --map 指明实付的列；若金额已减过，用 --ignore '{column}'",
    ),
    "nameless": (
        "{column}: {cell!r} is a member who can't be found by this: --map '{column}=phone', if it is a phone number; "
        "to report such sales unclaimed: --ignore '{column}'",
        "{column}：凭“{cell}”找不到会员；若是手机号，用 --map '{column}=phone'；若不报会员，用 --ignore '{column}'",
    ),
    "other-sign": (
        "{cell}: most refunds here have the other sign; is it a sale? (--negative-are-refunds, if the table holds both)",
        "{cell}：正负与本表多数退款相反，是否是交易？（表里两样都有时用 --negative-are-refunds）",
    ),
    "many-rows": (
        "rows {numbers} bear this number: lines of one receipt? --sum-lines adds them up",
        "第 {numbers} 行是同一个号码：是同一张小票的各行吗？--sum-lines 会把它们加起来",
    ),
    "twice": (
        "the same as row {number} of this file; if both are lines of one receipt: --sum-lines",
        "与本文件第 {number} 行完全相同；若是同一张小票的两行，用 --sum-lines",
    ),
    "lines-differ": (
        "the lines of this receipt (rows {numbers}) differ in {field}",
        "同一张小票的各行（第 {numbers} 行）{field}不一致",
    ),
    "whole-repeated": (
        "each line of this receipt (rows {numbers}) says {cell} in {column}: is it the whole receipt's? "
        "Map the column of the lines' own amounts",
        "同一张小票的各行（第 {numbers} 行）{column}都是 {cell}：是否整单的金额？请用 --map 指明各行自己的金额",
    ),
    "whole-among": (
        "row {number} is as much as the other lines of this receipt (rows {numbers}) together: is it the whole? "
        "Leave it out (--ignore COLUMN=VALUE)",
        "第 {number} 行等于同一张小票其他各行（第 {numbers} 行）之和：是否就是整单？请略过它（--ignore 列名=值）",
    ),
    "lines-twice": (
        "rows {second} say again what rows {first} of this receipt say: is the export in the file twice?",
        "同一张小票的第 {second} 行与第 {first} 行完全相同：同一份导出是否在文件里出现了两次？",
    ),
    "line-refused": ("row {number}, another line of this receipt: {why}", "同一张小票的第 {number} 行：{why}"),
    # what is set aside
    "aside-refund": ("refunds, for `quantong-merchant refund`", "退款，请用 quantong-merchant refund 上报"),
    "aside-sale": ("sales, for `quantong-merchant report`", "交易，请用 quantong-merchant report 上报"),
    "aside-other": ("{column}: {cell} (no sale of the shop)", "{column}：{cell}（不是门店的交易）"),
    "aside-ignored": ("{column}: {cell} (--ignore)", "{column}：{cell}（--ignore）"),
    "aside-lines": (
        "lines that are no rows: names again, sums below a bill",
        "不是数据的行：重复的表头、账单末尾的汇总",
    ),
    # a table
    "file": ("{path}: {why}", "{path}：{why}"),
    "is-empty": ("the file is empty", "文件是空的"),
    "no-encoding": (
        "neither UTF-8 nor GB18030 (save it as CSV UTF-8)",
        "既不是 UTF-8 也不是 GB18030（请另存为 CSV UTF-8）",
    ),
    "is-html": (
        "it is an HTML page, whatever its name says: open it in a spreadsheet program and save it as .xlsx or CSV",
        "其实是网页（HTML），与文件名不符：请用表格软件打开，另存为 .xlsx 或 CSV",
    ),
    "is-xml": (
        "it is XML, not a table that can be read: open it in a spreadsheet program and save it as .xlsx or CSV",
        "其实是 XML：请用表格软件打开，另存为 .xlsx 或 CSV",
    ),
    "is-pdf": ("it is a PDF: export a table (.xlsx or CSV)", "这是 PDF：请导出表格（.xlsx 或 CSV）"),
    "is-old-xls": (
        "it is an old .xls, or an .xlsx with a password: save it as .xlsx without a password, or as CSV",
        "这是旧式 .xls，或带密码的 .xlsx：请另存为不带密码的 .xlsx 或 CSV",
    ),
    "is-archive": (
        "it is an archive without a workbook: unpack it, or save the table as .xlsx or CSV",
        "这是压缩包，里面没有 XLSX 工作簿：请先解压，或把表格另存为 .xlsx 或 CSV",
    ),
    "is-strict": (
        "it was saved as Strict Open XML: save it as an ordinary .xlsx",
        "保存成了“严格（Strict）Open XML”：请另存为普通 .xlsx",
    ),
    "no-book": ("it is no XLSX file that can be read, or damaged: {why}", "不是能读的 XLSX 文件，或已损坏：{why}"),
    "no-sheets": ("it is an XLSX file without sheets", "XLSX 里没有工作表"),
    "no-openpyxl": (
        "XLSX files need openpyxl: pip install 'quantong-merchant-sdk[xlsx]', or save as CSV",
        "读 XLSX 需要 openpyxl：pip install 'quantong-merchant-sdk[xlsx]'，或另存为 CSV",
    ),
    "no-sheet": ("no sheet {sheet}; there are: {sheets}", "没有工作表 {sheet}；有：{sheets}"),
    "many-sheets": (
        "several sheets may hold rows ({sheets}): say which with --sheet, one run for each",
        "不止一张工作表像有数据（{sheets}）：请用 --sheet 指定，一张一次",
    ),
    "hidden-sheet": (
        "rows are on a hidden sheet ({sheet}): if it is meant, say --sheet {sheet}",
        "数据在隐藏的工作表（{sheet}）里：若就是它，用 --sheet {sheet}",
    ),
    "no-column": ("no column {names}; there are: {header}", "没有这一列：{names}；有：{header}"),
    "no-field": ("no such field: {names}; there are: {fields}", "没有这个字段：{names}；有：{fields}"),
    "two-columns": (
        "two columns for {field}: {first}, {second}; choose with --map",
        "{first}、{second} 两列都是 {field}；请用 --map 选一列",
    ),
    "missing": (
        "no column for {names}; there are: {header}. Name it with --map COLUMN=FIELD{now}",
        "没有 {names} 的列；有：{header}。请用 --map 列名=字段 指明{now}",
    ),
    "missing-now": (", or say --now", "，或用 --now"),
    "unknown-brackets": (
        "{column}: {words} isn't understood, and may change the figures; convert the column, or say what it is "
        "with --map '{column}={field}'",
        "{column}：看不懂“{words}”，它可能改变数值；请换算此列，或用 --map '{column}={field}' 说明无妨",
    ),
    "other-currency": (
        "{column}: the amounts are in {word}: convert them into yuan",
        "{column}：金额是 {word}：请先换算成人民币",
    ),
    "many-shops": (
        "rows of several shops ({column}: {shops}) would all be reported for one: leave the others out, one run for each "
        "(--ignore '{column}={shop}'), or say --map '{column}=store_code'",
        "有几家店的数据（{column}：{shops}），会全部报到一家：请一家一次，略过其他（--ignore '{column}={shop}'），"
        "或用 --map '{column}=store_code'",
    ),
    "no-profile": ("no such profile: {name}; there are: {names}", "没有这种账单：{name}；有：{names}"),
    "not-this-profile": (
        "it is no {name} bill: it lacks the columns {names}",
        "不是 {name} 账单：缺少列 {names}",
    ),
    # the command
    "not-sent": ("columns that are not sent: {names}", "不上报的列：{names}"),
    "other-sheets": ("sheets that are not read: {sheets}", "没有读的工作表：{sheets}"),
    "profile": ("read as a bill of {name}", "按 {name} 账单读取"),
    "done-so-far": ("{count} rows are done; run it again to go on", "已完成 {count} 行；再运行一遍就接着报"),
    "counts": (
        "{recorded} recorded, {known} known already, {before} in an earlier run",
        "新记录 {recorded} 行，早已报过 {known} 行，上次运行已报 {before} 行",
    ),
    "twice-count": ("{count} twice in this very file, not sent again", "本文件内重复 {count} 行，未再上报"),
    "aside-count": ("{count} left out: {why}", "略过 {count} 行：{why}"),
    "rejected-count": ("{count} rejected: {path}", "拒收 {count} 行：{path}"),
    "would-send": ("row {number}: {item}", "第 {number} 行：{item}"),
    "would-refuse": ("row {number}: rejected: {why}", "第 {number} 行：拒收：{why}"),
    "would-count": (
        "{items} would be sent, {rejected} rejected; nothing was sent",
        "将上报 {items} 笔，拒收 {rejected} 行；什么都没有发送",
    ),
}
"""English and Chinese by code; what stands in braces is filled in."""


class Refusal(ValueError):
    """Something that can't be taken as it is. `str` is English; `say` tells it in the reader's language."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code, values)
        self.code, self.values = code, values

    def say(self, language: str) -> str:
        """The reason, for a reader of that language."""
        return say(self.code, language, **self.values)

    def __str__(self) -> str:
        return self.say(ENGLISH)


class RowError(Refusal):
    """A row that is no sale or refund; the words say why."""


class TableError(Refusal):
    """A file that can't be read as a table; the words say why, and what to do."""


def say(code: str, language: str, **values: object) -> str:
    """Words by their code; a value that is a Refusal is told in the same language."""
    english, chinese = WORDS[code]
    told: dict[str, Any] = {
        name: value.say(language) if isinstance(value, Refusal) else value for name, value in values.items()
    }
    return (chinese if language == CHINESE else english).format(**told)


def language_of(environment: Mapping[str, str], system: str | None) -> str:
    """The language of who runs the command, by the first of LC_ALL, LC_MESSAGES and LANG that says one, or the system's."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    first = next((environment[name] for name in names if environment.get(name)), system or "")
    return CHINESE if first.lower().startswith(("zh", "chinese")) else ENGLISH
