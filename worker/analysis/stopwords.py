"""Words that say nothing about the subject of an opinion, in the form the tokenizer gives them."""


def listed(words: str) -> frozenset[str]:
    """The words of a text block, separated by spaces."""
    return frozenset(words.split())


JAPANESE = listed(
    """
    物 事 こと もの はず 筈 為 所 時 際 場合 方 他 中 内 外 上 下 前 後 間 等 点 面 件 分 形 例 別
    用 程度 部分 箇所 通り 以下 以上 以外 以前 以降 今 今回 今後 今迄 現在 最近 将来 従来 過去 当時
    本来 実際 結果 場 一部 一方 一番 一つ 全て 全体 全般 多く 多数 殆ど 其々 色々 様々 同様 同じ
    自分 自身 自ら 人 者 人間 皆 皆さん 皆様 方々 達 我が国 年 月 日 回 度 本 台 個 名 番 歳
    円 人数 年間 年度 日々 毎日 時期 頁 ページ 行 項 章 号 条 号線 平成 令和 理由 意見 要望
    希望 提案 質問 考え 思い 気 気持ち 感じ 意味 目的 内容 事項 項目 記述 記載 表現 文章 文言
    修文 修正 追記 明記 案 素案 原案 計画案 施策 取り組み 取組 状況 現状 問題 問題点 課題 必要
    重要 大切 大事 可能 適切 適当 具体 具体的 積極 積極的 基本的 十分 是非 残念 非常 大変 明確
    不適切 不可欠 新た 沢山 市 市民 市内 本市 当市 町 街 観点 視点 方向 関係 存在 対応 実施
    検討 推進 促進 実現 確保 御願い 御礼 宜しい 有り難い 願い 下記 上記 別紙 添付 件名 氏名
    住所 電話 言う 因る 拠る 依る よる 就く つく 於く おく 関する 対する 伴う 通じる 通ずる
    踏まえる 基づく 応じる 当たる 向ける 考える 思う 感じる 行う 図る 進める 進む 示す 取る
    取り組む 出る 持つ 含む 含める 求める 願う 望む 目指す 認める 加える 関わる 繋がる 限る
    受ける 掲げる 述べる 書く 成す 知る 知れる 分かる 聞く 違う 異なる 従う 用いる 使う 入る
    入れる 多い 少ない 高い 低い 大きい 小さい 良い 悪い 強い 無い 欲しい 凄い 宜しく 下さる
    頂く お願い 御座る とも はじめ うち まま 抑 侭 更 又 但し 尚 次 次第 有無 当該 本件 同意
    原文 貴 御中 拝啓 敬具
    """
)

# Prefixes and suffixes that a compound does without: 保育所等, 御意見, 各地域.
JAPANESE_AFFIXES = listed(
    """
    市 町 村 区 県 都 府 道 丁目 条
    等 等々 さん 様 氏 達 たち ら 目 毎 ごと 済み 向け よう 内 外 同士 御 各 約 当 本 第 諸 的
    中 上 後
    """
)

# Abstract nouns: two comments that share one need not speak of the same thing.
NO_JAPANESE_HEADING = listed(
    """
    表明 平均 平均値 貢献 位置 位置付け 種 限界 追求 戦略
    帰り 行き 途中 近く 隣 周り 最後 最初 続き かわり 代わり 間隔
    財源 文案 並び 各種 一手 話し合い 自然 保全 一定 事情 転換 反映 明示 稼働 長期 中略
    苫小牧 苫小牧市 地域 社会 環境 国 国内 海外 国民 日本 世界 住民 利用者 関係者 団体 主体
    主催 役割 責任 行政 自治体 地方 都市 事業 事業者 制度 政策 対策 方針 計画 基本計画 目標
    手法 方法 手段 仕組み 体制 基準 条件 規模 範囲 種類 量 質 数 率 額 費用 予算 コスト 金額
    効果 影響 効率 機能 性能 活動 活用 利用 使用 意識 理解 認識 考え方 根拠 説明 情報 資料
    支援 整備 充実 改善 向上 強化 拡大 増加 減少 維持 管理 運営 開発 展開 導入 普及 提供 配慮
    負担 協力 連携 参加 参画 周知 期待 懸念 反対 賛成 賛同 同感 削除 変更 修正 追加 設定 設置
    廃止 要請 評価 議論 検証 確認 調査 分析 研究 準備 開始 継続 中止 停止 見直し 指摘 指導
    発生 防止 解決 解消 注意 工夫 努力 改修 機会 場所 場面 立場 時間 期間 期限 将来性 可能性
    必要性 重要性 安全性 利便性 効率性 多様性 持続性 方向性 実効性 持続 自立 安定 安全 安心
    不足 実態 現実 事実 言葉 名称 名前 話 声 力 手 目 頭 心 一緒 自体 元 先 側 他市 他都市 部
    課 係 担当 担当者 職員 市長 議会 会議 仕事 生活 暮らし 人々 世代 個人 家族 家庭 社会的
    経済 産業 技術 資源 実績 成果 違い 差 順位 優先 対象 素材 設備 施設 建物 機関 基盤 拠点
    要素 要因 原因 背景 経緯 段階 過程 全国 各地
    """
)

ENGLISH = listed(
    """
    a about above across actually after again against ago all almost alone along already also
    although always am among an and another any anyone anything are aren't around as ask at
    away back be because become been before being believe below best better between big both
    but by can can't cannot city come comment comments could couldn't day days dear did didn't
    do does doesn't doing don't done down due during each either else enough especially etc
    even ever every everyone everything far feel few find first for from front further get
    gets getting give given gives giving go goes going good got great had has hasn't have
    haven't having he help her here hers him his hope how however i i'd i'll i'm i've idea if
    important in instead into is isn't it it's its itself just keep kind know large last least
    less let let's like likely little long look lot lots made make makes making many may maybe
    me mean might mine more most much must my myself near need needed needs never new next no
    none nor not nothing now of off often ok old on once one ones only opinion or other others
    our ours out over own part people per perhaps place please point possible put quite rather
    re really reason regarding resident residents said same say see seem seems several shall
    she should shouldn't show similar simply since sincerely so some someone something
    sometimes soon still such suggest sure take taken takes taking tell than thank thanks that
    that's the their theirs them themselves then there there's these they they're thing things
    think this those though through time times to today together tomakomai too towards tried
    try trying two under until up upon us use used using very via want wants was wasn't way
    ways we we'd we'll we're we've well went were weren't what whatever when where whether
    which while who whole whom whose why will with within without won't would wouldn't year
    years yes yet you you're your yours
    """
)

# Verbs, adverbs, judgements, abstract nouns: they may hold a group together, but head none.
NO_ENGLISH_HEADING = listed(
    """
    drive driver submitted submit competition development prevent release opportunity write
    writing written wide life serious feed worked name
    approval concerted crucial entire mandated helping disabled teach teaching
    public person primary united dont earn urban home concentration reduction inclusion early
    able accord accountable act action add added adding affect agree allow allowed allowing
    amount approach area areas associated attached available bad ban based become benefit
    benefits bring build built buy call case cases cause change choice clear common community
    concern concerned concerns consider considering continue cost costs create current
    currently cut cuts decision deserve different difficult disagree easier easy effect
    effective effort efforts enacted encourage end enforced ensure example except exist
    existing expand expect extend fact file fix focus force form full future general goal
    goals group groups hard held high high-quality higher hold huge improve include including
    increase increased individual individuals interest involved issue issues know lack lacking
    leave level levels limit line list live lives living local longer low lower main major
    matter meet member members million mind money move national necessary needing new nice
    number numbers offer official officials open oppose option options order pay plan plans
    policy poor positive potential private problem problems process program programs project
    projects promote proper properly proposed protect provide provided provides providing
    purpose quality question quickly raise range rate rates ready real reality receive
    receives recent recently reduce regard reinstate related remain remove replace report
    require required requires requiring result results right role rule rules run safe section
    sense seriously service services set share situation small special specific standard start
    started state states stay step steps stop story strong strongly subject submit suffer
    support supportive supports system systems term terms terrible test total town turn type
    types unable unless unnecessary urge useful value view visit wait walk whatever wish work
    working works world worse worst wrong
    """
)
