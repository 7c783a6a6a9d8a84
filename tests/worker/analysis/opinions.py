"""Made-up opinions on a city, for the tests of the summary compiler."""

from __future__ import annotations

from worker.analysis.points import CountedComment

SNOW = [
    "歩道の除雪が遅く、通学の子どもが車道を歩いています。朝七時までに終えてください。",
    "除雪のあと家の前に雪の山が残ります。高齢者には片付けられません。",
    "除雪の順番を地図で公開してほしい。いつ来るか分からず車を出せません。",
    "除雪車の運転手が足りないなら、町内会に小型の除雪機を貸してください。",
    "除雪に使う費用は減らすべきです。雪はいずれ溶けます。",
]
BUSES = [
    "路線バスの本数が少なく、病院の帰りに一時間待ちます。午後のバスを増やしてください。",
    "バス停に屋根がなく、吹雪の日は待てません。",
    "バスの減便はやむを得ないと思う。かわりに予約制の車を走らせてほしい。",
    "バスの運賃を中学生まで無料にしてください。",
]
LIBRARY = [
    "図書館の開館時間を夜八時まで延ばしてほしい。仕事の帰りに寄れません。",
    "図書館の学習席が足りません。試験の前は座れません。",
    "図書館の本を駅でも返せるようにしてください。",
]
NURSERY = [
    "保育園に入れず、仕事に戻れません。保育園の枠を増やしてください。",
    "保育士の給料を上げないと、保育園を建てても開けません。",
    "保育園の申し込みを紙ではなく電子でできるようにしてほしい。",
]
OTHERS = [
    "港の岸壁を釣り人に開放してください。",
    "鹿が国道に飛び出して危険です。柵を延ばすべきです。",
    "プールの水温が低いです。",
    "市の花をハナショウブからハスカップに変えてはどうでしょうか。",
]
ENGLISH = [
    "Please plow the sidewalks before school starts; children walk on the road.",
    "The sidewalks near the hospital are icy. Spread sand on them every morning.",
    "The library should stay open until eight in the evening.",
]
JAPANESE = [*SNOW, *BUSES, *LIBRARY, *NURSERY, *OTHERS]


def counted(
    texts: list[str], language: str = "ja", first: int = 1, quotable: bool = True
) -> list[CountedComment]:
    return [
        CountedComment(number, text, language, quotable)
        for number, text in enumerate(texts, start=first)
    ]
