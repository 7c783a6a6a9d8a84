"""Finding what may be personal data in a comment: where to look, never what to do.

Each finder takes the text of a `folding.Levelled` and yields half-open spans in it. Patterns are
bounded, and those that need a left context look at a few characters before a match, so the work
grows with the length of the text whatever it holds.
"""

from collections.abc import Iterator

import regex
from phonenumbers import Leniency, PhoneNumberMatcher

Span = tuple[int, int]

REGION = "JP"

_PHONE_SHAPED = regex.compile(r"(?<![\d-])0\d{1,4}+[-( ]{1,2}+\d{1,4}+[-) ]{1,2}+\d{3,4}+(?![\d-])")
_LABELLED_PHONE = regex.compile(
    r"(?:電話|携帯|TEL|FAX|ファックス|☎)(?:番号)?[:. ]{0,3}+(\d{2,4}-\d{4}|\d{9,11})(?!\d)",
    regex.IGNORECASE,
)

_EMAIL = regex.compile(
    r"(?<![\w.+%-])[\w.+%-]{1,64}+(?:@| ?[\[(](?:at|アット)[\])] ?)"
    r"(?:[a-z\d-]{1,63}+\.){1,6}[a-z]{2,24}+",
    regex.IGNORECASE | regex.ASCII,
)

_POSTAL_CODE = regex.compile(
    r"(?:〒|郵便番号)[: ]{0,2}+\d{3}-?\d{4}(?!\d)"
    r"|(?<![\d-])0\d{2}-\d{4}(?![\d-])"
    r"|(?<![\d-])\d{3}-\d{4}(?=\s{1,2}(?:北海道|東京都|大阪府|京都府|\p{Han}{2,3}県))"
)

_TWELVE_DIGITS = regex.compile(r"(?<![\d.-])\d{4}([ -]?)\d{4}\1\d{4}(?![\d.-]?\d)")

_NUMBER = r"(?:\d{1,5}+|[一二三四五六七八九十百〇]{1,4}+)"
_COUNTED = (
    r"(?![\d年月日度か箇ヶヵカケ人名回件本台丁倍割%％時分歳号線番章節]|世帯|メートル|km|m|円|万)"
)
_PLOT = regex.compile(
    rf"(?P<block>(?<!\d){_NUMBER} ?丁目 ?{_NUMBER}(?: ?番地?)?"
    rf"(?:[-の ]?{_NUMBER}){{0,2}}号?{_COUNTED})"
    rf"|(?P<lot>(?<!\d){_NUMBER} ?(?:番地(?:[-の]?{_NUMBER})?|番 ?{_NUMBER}) ?号?{_COUNTED})"
    rf"|(?P<dashed>(?<![\d-])\d{{1,4}}+-\d{{1,4}}+(?:-\d{{1,4}}+){{0,2}}+{_COUNTED})"
)
_YEARS = regex.compile(r"(?:19|20)\d\d-(?:19|20)\d\d")
_LEFT_CONTEXT = 24

TOWNS_WITHOUT_CHO = [
    "沼ノ端中央",
    "沼ノ端",
    "ウトナイ北",
    "ウトナイ南",
    "勇払",
    "弁天",
    "真砂",
    "静川",
    "柏原",
    "植苗",
    "美沢",
    "高丘",
    "丸山",
    "樽前",
    "錦岡",
    "糸井",
    "字錦岡",
    "字糸井",
    "字沼ノ端",
    "字植苗",
    "字勇払",
    "字樽前",
]
"""Places of Tomakomai whose names do not end in 町."""

_CITY = r"(?:(?:北海道|東京都|\p{Han}{2,3}[府県])?\p{Han}{1,5}?[市区郡村])?"
_CHO = (
    r"(?:[\p{Han}々ヶノ]{1,6}|[\p{Katakana}ー]{2,8}|\p{Hiragana}{2,6}|\p{Han}{1,4}の\p{Han}{1,2})町"
)
_TOWN = regex.compile(rf"{_CITY}(?:{_CHO}|{'|'.join(TOWNS_WITHOUT_CHO)}) ?$")
_ANY_PLACE = regex.compile(
    rf"{_CITY}(?:{_CHO}|[\p{{Han}}々ヶノ]{{1,10}}|[\p{{Katakana}}ー]{{2,8}}) ?$"
)
_NO_PLACE = regex.compile(
    r"(?:第|約|計|全|各|図|表|式|号|章|節|項|条|頁|施策|取組|案|柱|番号"
    r"|(?:^|\P{Han})[市両当他全各同]町) ?$"
)
_ENGLISH_ADDRESS = regex.compile(
    r"(?<![\d-])\d{1,4}-\d{1,4}(?:-\d{1,4})?,? (?:\d-chome,? )?[A-Z][a-z]{2,20}[- ]?"
    r"(?:cho|machi|chome|dori)\b"
)


def phones(text: str) -> Iterator[Span]:
    """Numbers valid in Japan or written with a country code, and what is shaped like one."""
    for match in PhoneNumberMatcher(text, REGION, leniency=Leniency.VALID):
        yield match.start, match.end
    for shaped in _PHONE_SHAPED.finditer(text):
        if sum(map(str.isdigit, shaped.group())) in (10, 11):
            yield shaped.span()
    for labelled in _LABELLED_PHONE.finditer(text):
        yield labelled.span(1)


def emails(text: str) -> Iterator[Span]:
    """Addresses with an @, or with [at] in its place."""
    return (match.span() for match in _EMAIL.finditer(text))


def postal_codes(text: str) -> Iterator[Span]:
    """Seven digits after 〒, or of the north (0…), or before the name of a prefecture."""
    return (match.span() for match in _POSTAL_CODE.finditer(text))


def my_numbers(text: str) -> Iterator[Span]:
    """Twelve digits, in one or in fours, of which the last checks the others."""
    for match in _TWELVE_DIGITS.finditer(text):
        digits = [int(figure) for figure in match.group() if figure.isdigit()]
        if len(set(digits)) > 1 and digits[-1] == check_digit(digits[:-1]):
            yield match.span()


def check_digit(eleven: list[int]) -> int:
    """The check digit of an individual number (個人番号).

    Source: article 5 of ordinance 85 of 2014 of the Ministry of Internal Affairs and Communications
    (平成26年総務省令第85号): 11 − (Σ Pn·Qn mod 11), or 0 when the remainder is 1 or less, with Pn
    the n-th digit from the lowest, and Qn = n + 1 up to n = 6, n − 5 from n = 7.
    """
    places = enumerate(reversed(eleven), start=1)
    remainder = sum(p * (n + 1 if n <= 6 else n - 5) for n, p in places) % 11
    return 0 if remainder <= 1 else 11 - remainder


def addresses(text: str) -> Iterator[Span]:
    """A town with a block and a number; a town alone is where a matter lies, not where one lives.

    Numbers joined by hyphens count only after a town's name, for measures are numbered alike.
    """
    for plot in _PLOT.finditer(text):
        start = _start_of_place(text, plot)
        if start is not None:
            yield start, plot.end()
    for english in _ENGLISH_ADDRESS.finditer(text):
        yield english.span()


def _start_of_place(text: str, plot: regex.Match[str]) -> int | None:
    """Where the place before a plot number begins, or None when no place stands there."""
    offset = max(0, plot.start() - _LEFT_CONTEXT)
    left = text[offset : plot.start()]
    if _NO_PLACE.search(left) or _YEARS.fullmatch(plot.group()):
        return None
    place = (_TOWN if plot.group("dashed") else _ANY_PLACE).search(left)
    return offset + place.start() if place else None


_SURNAMES = """
佐藤 鈴木 高橋 田中 伊藤 渡辺 渡邊 渡邉 渡部 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上
木村 斎藤 斉藤 齋藤 齊藤 清水 山崎 山﨑 阿部 安部 池田 橋本 石川 山下 小川 石井 長谷川 後藤 岡田
近藤 前田 藤田 遠藤 青木 坂本 村上 太田 金子 藤井 福田 西村 三浦 竹内 中川 岡本 松田 原田 中野
小野 田村 藤原 中山 石田 小島 和田 森田 内田 柴田 酒井 原口 宮崎 横山 高木 安藤 宮本 大野 小山
工藤 菅原 増田 丸山 大塚 新井 菅野 千葉 村田 今井 河野 藤本 高田 上野 武田 杉山 杉本 平野 大西
中島 島田 小松 木下 野口 松井 千田 菊地 菊池 佐野 野村 松尾 市川 岩崎 水野 渡会 吉川 山内 西田
北村 安田 川口 東山 飯田 川崎 本田 久保 久保田 沢田 澤田 川村 中田 樋口 吉村 熊谷 服部 馬場 永井
矢野 須藤 田口 福島 星野 秋山 辻本 大橋 松岡 平田 川上 岩田 望月 松村 石原 大島 本間 尾崎 早川
中西 浜田 小池 荒木 石橋 荒井 片山 田辺 小沢 小澤 大久保 五十嵐 菅 大谷 三上 成田 吉岡 浅野 栗原
大川 田代 三宅 山根 松下 小田 内藤 西川 西山 上田 野田 関口 土屋 黒田 神田 児玉 大山 及川 坂井
奥村 石塚 桜井 櫻井 岩倉 木内 木本 今野 紺野 吉野 高野 高山 高島 武藤 佐久間 相馬 笹木 堀内 堀田
村山 村井 村松 岩本 岩間 平井 平山 広瀬 廣瀬 森本 森下 小原 小西 小笠原 金田 金澤 金沢 川島 川田
川端 河合 河村 大石 大森 大田 谷口 谷川 長田 長野 長尾 永田 天野 関根 根本 鎌田 鎌倉 畠山 棟方
目黒 蛯名 対馬 葛西 古川 古田 古屋 三好 黒川 白石 白川 赤坂 青山 秋元 東海林 鳴海 能登 越前 加賀
若林 若松 林 森 原 関 東 西 南 北 谷 堤 辻 堀 岡 星 岸 島 沢 澤 浜 泉 畑 牧 乾 桂 菊 柳 榊 橘 李
金 朴 張 陳 サトウ スズキ タカハシ タナカ ワタナベ イトウ ヤマモト ナカムラ コバヤシ カトウ さとう
すずき たかはし たなか わたなべ いとう やまもと なかむら こばやし かとう
"""
SURNAMES = tuple(_SURNAMES.split())
"""Common surnames of Japan, most of all Hokkaido: what stands before an honorific to be a name."""

_LONG = "|".join(sorted((name for name in SURNAMES if len(name) > 1), key=len, reverse=True))
_SHORT = "".join(name for name in SURNAMES if len(name) == 1)
_NO_GIVEN_NAME = "者家員店社会課部局市県町村区長屋業校園院館所場庁側団民研組合"
_GIVEN = (
    rf"(?:[\p{{Han}}々]{{1,3}}(?<![{_NO_GIVEN_NAME}])|\p{{Hiragana}}{{2,4}}|\p{{Katakana}}{{2,5}})"
)
_FULL_NAME = rf"(?:(?:{_LONG})(?: ?{_GIVEN})?|[{_SHORT}](?: {_GIVEN})?)"
_ADDRESSED = regex.compile(
    r"さん(?!ぽ)|さま|様(?![々子式相態])|氏(?![名族神])|殿|くん(?!だり)|君|ちゃん|先生|と申し|といいます|と言います"
)
_NAME_BEFORE = regex.compile(rf"(?<![\p{{Han}}々\p{{Katakana}}ー]){_FULL_NAME} ?$")
_LABELLED_NAME = regex.compile(
    rf"(?:氏名|名前)[: ]{{1,3}}+({_FULL_NAME}|[\p{{Han}}々]{{1,4}} {_GIVEN})"
)
_ENGLISH_NAME = regex.compile(
    r"\b(?:Mr|Mrs|Ms)\b\.? (?!Mayor|President|Chair|Speaker|Secretary|Governor)[A-Z][a-z]{1,20}"
    r"|\b[A-Z][a-z]{1,20}-(?:san|sama)\b"
)


def person_names(text: str) -> Iterator[Span]:
    """A surname with an honorific, a name after its label: a hint, for most names stand bare."""
    for honorific in _ADDRESSED.finditer(text):
        offset = max(0, honorific.start() - 10)
        name = _NAME_BEFORE.search(text[offset : honorific.start()])
        if name:
            yield offset + name.start(), honorific.end()
    for labelled in _LABELLED_NAME.finditer(text):
        yield labelled.span(1)
    for english in _ENGLISH_NAME.finditer(text):
        yield english.span()
