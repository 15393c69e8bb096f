/*+++
id = "M01"
slug = "trademark-misuse"
title = "擅自使用他人商标、字号"
lines = ["民事", "公益"]
receivers = ["市场监管局", "知识产权局"]
description = """
存续企业的字号与他人商标相同、包含该商标或者同音（声调不论，字数相同），企业成立于商标申请日之后、专用权届满之前，且与商标同业。
驰名商标及于各业；老字号在餐饮业、食品制造业和酒、饮料和精制茶制造业之间视为同业；普通商标只及于本业；
地理标志及于各业，但须字形相同或者包含，同音不算。
权利人及其分公司、本人的个体工商户和个人独资企业、持股达到比例的关联企业、许可在成立之日或者目前有效的被许可人除外；
申请前已有许多企业以之为字号的普通词语、地名不计。
"""
misses = """
不以字号而以招牌、包装使用商标的；没有登记为企业的使用者；通过多层持股关联的企业仍会列出；
图形商标；国际分类没有对应行业的普通商标。
"""
legal_basis = ["中华人民共和国商标法", "中华人民共和国反不正当竞争法", "企业名称登记管理规定"]
maturity = "tried"
timeout_seconds = 300
identity = ["registration", "mark"]
severity = "成立于申请日与专用权起始日之间为 low；字号相同，或者商标为驰名商标、老字号、地理标志为 high；其余为 medium"
may_be_empty = [
  "trademarks.protectedTo",
  "companies.statusDate",
  "trademark_licences.licensedTo",
  "shareholders.share",
]

[datasets]
trademarks = ["markName", "markType", "niceClass", "appliedOn", "protectedFrom", "protectedTo", "status"]
companies = ["companyType", "legalRepresentative", "foundedOn", "status", "statusDate", "industry"]
trademark_licences = ["licensedFrom", "licensedTo"]
shareholders = ["share"]

[params.owner_share]
type = "number"
default = 20
min = 0
max = 100
unit = "%"
description = "权利人与企业之间持股达到这一比例的视为关联，不计"

[params.generic_limit]
type = "integer"
default = 20
min = 0
unit = "家"
description = "申请之前字号已含商标文字的企业（分公司不计）超过这一数目的，视为普通词语或者地名，不计"

[returns]
registration = {title = "企业登记记录"}
mark = {title = "商标登记记录"}
company = {title = "企业名称"}
mark_name = {title = "商标名称"}
mark_type = {title = "商标类型"}
match = {title = "字号与商标", description = "相同、包含或者同音"}
company_trade = {title = "企业行业"}
mark_trades = {title = "商标所涉行业"}
founded = {title = "企业成立日期"}
applied = {title = "商标申请日期"}
days = {title = "成立晚于申请（天）"}
+++*/
WITH ['餐饮业', '食品制造业', '酒、饮料和精制茶制造业'] AS neighbours
MATCH (mark:Trademark)-[owned:OWNED_BY]->(owner:Entity)
WHERE mark.knownFrom <= $as_of AND mark.status = '有效' AND owned.probability >= $min_confidence
  // an ordinary word or a place belongs to nobody
  AND COUNT {
    MATCH (earlier:CompanyRegistration)-[alike:RESEMBLES]->(mark)
    WHERE alike.match IN ['same', 'contains'] AND earlier.knownFrom <= $as_of
      AND earlier.foundedOn < mark.appliedOn AND earlier.companyType <> '分公司'
  } <= $generic_limit
MATCH (registration:CompanyRegistration)-[resembles:RESEMBLES]->(mark)
WHERE registration.knownFrom <= $as_of
  AND registration.foundedOn > mark.appliedOn
  AND (mark.protectedTo IS NULL OR registration.foundedOn <= mark.protectedTo)
  AND (registration.status = '存续' OR registration.statusDate > $as_of)
  AND CASE mark.markType
    WHEN '地理标志' THEN resembles.match IN ['same', 'contains']
    WHEN '驰名商标' THEN true
    WHEN '老字号' THEN registration.industry IN coalesce(mark.trades, [])
      OR (registration.industry IN neighbours AND any(trade IN mark.trades WHERE trade IN neighbours))
    ELSE registration.industry IN coalesce(mark.trades, [])
  END
MATCH (registration)-[registers:REGISTERS]->(company:Company)
WHERE registers.probability >= $min_confidence
  AND company <> owner
  // one who may be the owner, or may be the company, counts as it: nobody is accused on a doubt
  AND NOT EXISTS { (company)-[:BRANCH_OF]->(:Company)-[:MAY_BE*0..1]-(owner) }
  // a branch whose name begins with the owner's is the owner's; of which no parent is known for certain, it may be when
  // it bears the owner's 字号
  AND NOT (registration.companyType = '分公司' AND (
    (owner:Company AND registration.companyName STARTS WITH owner.name)
    OR (company.tradeName = owner.tradeName AND NOT EXISTS { (company)-[:BRANCH_OF]->(:Company) })))
  // a shop of one person is that person
  AND NOT (registration.companyType IN ['个体工商户', '个人独资企业'] AND EXISTS {
    MATCH (registration)-[:REPRESENTED_BY]->(keeper:Person)
    WHERE EXISTS { (keeper)-[:MAY_BE*0..1]-(owner) }
      OR (owner:Person AND keeper.name = owner.name AND (keeper.idHash IS NULL OR owner.idHash IS NULL))
  })
  // of a name that many bear MAY_BE says nothing, but who holds shares in what bears the mark is hardly a namesake;
  // nobody holds shares of itself: a holder of these words is then the other company of these words
  AND NOT EXISTS {
    MATCH (company)-[:MAY_BE*0..1]-(:Entity)<-[:SHARE_OF]-(holding:Shareholding)-[:HELD_BY]->(holder:Entity)
    WHERE holding.knownFrom <= $as_of AND holding.share >= $owner_share
      AND (EXISTS { (holder)-[:MAY_BE*0..1]-(owner) }
        OR (holder:Person AND owner:Person AND holder.name = owner.name AND (holder.idHash IS NULL OR owner.idHash IS NULL))
        OR (holder:Company AND holder.tradeName = owner.tradeName AND (holder = company OR holder.creditCode IS NULL)))
  }
  AND NOT EXISTS {
    MATCH (owner)-[:MAY_BE*0..1]-(:Entity)<-[:SHARE_OF]-(holding:Shareholding)-[:HELD_BY]->(holder:Entity)
    WHERE holding.knownFrom <= $as_of AND holding.share >= $owner_share
      AND (EXISTS { (holder)-[:MAY_BE*0..1]-(company) }
        OR (holder:Company AND holder.tradeName = company.tradeName AND (holder = owner OR holder.creditCode IS NULL)))
  }
  AND NOT EXISTS {
    MATCH (mark)<-[:LICENSES]-(licence:TrademarkLicence)-[:LICENSED_TO]->(:Entity)-[:MAY_BE*0..1]-(company)
    WHERE licence.knownFrom <= $as_of
      AND (licence.licensedTo IS NULL OR licence.licensedTo >= $as_of
        OR (licence.licensedFrom <= registration.foundedOn AND licence.licensedTo >= registration.foundedOn))
  }
WITH mark, owned, owner, registration, registers, company,
     CASE resembles.match WHEN 'same' THEN '相同' WHEN 'contains' THEN '包含' ELSE '同音' END AS match,
     duration.inDays(mark.appliedOn, registration.foundedOn).days AS days
RETURN
  registration.key AS registration, mark.key AS mark,
  registration.companyName AS company, mark.markName AS mark_name, mark.markType AS mark_type,
  match, registration.industry AS company_trade, coalesce(mark.trades, []) AS mark_trades,
  registration.foundedOn AS founded, mark.appliedOn AS applied, days,
  CASE
    WHEN registration.foundedOn < mark.protectedFrom THEN 'low'
    WHEN match = '相同' OR mark.markType <> '普通商标' THEN 'high'
    ELSE 'medium'
  END AS severity,
  [company, owner] AS subjects,
  [registration, mark] AS facts,
  [registers, owned] AS links,
  [
    '企业字号' + coalesce('「' + registration.tradeName + '」', '') + '与' + mark.markType + '「' + mark.markName + '」' + match
      + '（权利人 ' + owner.name + '）',
    '企业 ' + toString(registration.foundedOn) + ' 成立，晚于商标申请日 ' + toString(mark.appliedOn) + ' ' + toString(days)
      + ' 天' + CASE WHEN registration.foundedOn < mark.protectedFrom
        THEN '，早于专用权起始日 ' + toString(mark.protectedFrom) ELSE '' END,
    CASE mark.markType
      WHEN '地理标志' THEN '地理标志及于各业，企业行业为' + registration.industry
      WHEN '驰名商标' THEN '驰名商标及于各业，企业行业为' + registration.industry
      ELSE '企业行业' + registration.industry + '，商标国际分类 ' + mark.niceClass + ' 及于'
        + reduce(text = head(mark.trades), trade IN tail(mark.trades) | text + '、' + trade)
    END,
    '未见企业与权利人之间有分支、持股 ' + toString($owner_share) + '% 以上的关系，也未见成立之日或者目前有效的许可备案'
  ] AS reasons
ORDER BY registration, mark
