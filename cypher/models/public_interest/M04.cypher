/*+++
id = "M04"
slug = "unlicensed-lodging"
title = "网约房违规经营"
lines = ["公益"]
receivers = ["公安局", "市场监管局"]
description = """
仍在线的网约房，其经营者（未填经营者的为房东；个人的，以其担任法定代表人的各企业中条件最好的一个为准）：
a 没有存续的市场主体登记；b 有登记，但经营范围没有住宿类项目；c 自上架之日至截至日期没有一天持有有效的旅馆业许可。
"""
misses = "经营者、房东都没有填写的房源；房东只写姓氏和称呼（如“李先生”）又没有证件号的房源；借用他人许可经营的；平台没有报送的房源。许可地址与房源地址是否一致不作判断。"
legal_basis = ["旅馆业治安管理办法", "中华人民共和国电子商务法"]
maturity = "tried"
timeout_seconds = 120
identity = ["listing"]
severity = "没有存续登记为 high；其余为 medium"
may_be_empty = [
  "lodging_listings.operator",
  "lodging_listings.host",
  "lodging_listings.delistedOn",
  "companies.statusDate",
  "lodging_permits.validTo",
]

[datasets]
lodging_listings = ["operator", "host", "listedOn", "delistedOn"]
companies = ["status", "statusDate", "businessScope", "legalRepresentative"]
lodging_permits = ["permittedOn", "validTo"]

[params.scope_words]
type = "strings"
default = ["住宿", "旅馆", "酒店", "民宿", "宾馆", "客栈", "旅店"]
description = "经营范围含有其中之一即视为有住宿类项目"

[params.titles]
type = "strings"
default = ["先生", "女士", "小姐", "太太", "老师", "师傅", "老板", "阿姨", "大姐", "大哥"]
description = "房东姓名以其中之一结尾的，只写了姓氏，无从核对"

[conditions]
best = "最合规的市场主体"
active = "存续"
lodging = "经营范围有住宿"
permitted = "上架以来持有许可"

[returns]
listing = {title = "房源记录"}
listing_name = {title = "房源名称"}
platform = {title = "平台"}
operator = {title = "经营者或者房东"}
grounds = {title = "情形", description = "a 无存续登记，b 经营范围无住宿，c 无有效许可"}
business = {title = "据以判断的市场主体"}
listed = {title = "上架日期"}
+++*/
MATCH (listing:LodgingListing)
WHERE listing.knownFrom <= $as_of AND (listing.delistedOn IS NULL OR listing.delistedOn > $as_of)
MATCH (listing)-[runs:OPERATED_BY|HOSTED_BY]->(operator:Entity)
WHERE runs.probability >= $min_confidence
  AND (type(runs) = 'OPERATED_BY' OR listing.operator IS NULL)
// the permits of the operator, in force on some day since the listing or not
CALL (operator, listing) {
  MATCH (operator)<-[:PERMITS]-(permit:LodgingPermit) WHERE permit.knownFrom <= $as_of
  RETURN collect(permit) AS ownPermits
}
WITH *, any(p IN ownPermits WHERE p.validTo IS NULL OR p.validTo >= listing.listedOn) AS ownPermitted
// every business that the operator is or represents, the best of them first
CALL (operator, listing, ownPermitted) {
  CALL (operator) {
    MATCH (operator)<-[link:REGISTERS]-(registration:CompanyRegistration) RETURN registration, link
    UNION
    MATCH (operator:Person)<-[link:REPRESENTED_BY]-(registration:CompanyRegistration) RETURN registration, link
  }
  WITH operator, listing, ownPermitted, registration, link
  WHERE registration.knownFrom <= $as_of AND link.probability >= $min_confidence
  MATCH (registration)-[:REGISTERS]->(company:Company)
  WITH listing, registration, link, company, ownPermitted,
       registration.status = '存续' OR coalesce(registration.statusDate > $as_of, false) AS active,
       any(word IN $scope_words WHERE registration.businessScope CONTAINS word) AS lodging,
       COLLECT {
         MATCH (company)<-[:PERMITS]-(permit:LodgingPermit) WHERE permit.knownFrom <= $as_of RETURN permit
       } AS permits
  WITH registration, link, company, active, lodging, permits,
       ownPermitted OR any(p IN permits WHERE p.validTo IS NULL OR p.validTo >= listing.listedOn) AS permitted
  ORDER BY active DESC, lodging DESC, permitted DESC, registration.key
  RETURN collect({registration: registration, link: link, company: company, active: active, lodging: lodging,
                  permitted: permitted, permits: permits}) AS businesses
}
WITH *, head(businesses) AS best
WHERE best IS NULL OR NOT (best.active AND best.lodging AND best.permitted)
// one who may be the operator and lets by the book leaves it open whether the operator does not
WITH * WHERE NOT EXISTS {
  MATCH (operator)-[:MAY_BE*0..1]-(:Entity)<-[:REGISTERS|REPRESENTED_BY]-(registration:CompanyRegistration)
  MATCH (registration)-[:REGISTERS]->(:Company)-[:MAY_BE*0..1]-(:Entity)<-[:PERMITS]-(permit:LodgingPermit)
  WHERE registration.knownFrom <= $as_of AND permit.knownFrom <= $as_of
    AND (registration.status = '存续' OR registration.statusDate > $as_of)
    AND any(word IN $scope_words WHERE registration.businessScope CONTAINS word)
    AND (permit.validTo IS NULL OR permit.validTo >= listing.listedOn)
}
// who is known by surname only cannot be looked up; names of more than 30 have no MAY_BE: there any namesake may be the host
WITH * WHERE operator:Company OR operator.idHash IS NOT NULL OR NOT (
  any(title IN $titles WHERE operator.name ENDS WITH title)
  OR coalesce(operator.homonyms, 0) >= 30 AND EXISTS {
    MATCH (:Person {name: operator.name})<-[:REPRESENTED_BY]-(registration:CompanyRegistration)
    MATCH (registration)-[:REGISTERS]->(:Company)<-[:PERMITS]-(permit:LodgingPermit)
    WHERE registration.knownFrom <= $as_of AND permit.knownFrom <= $as_of
      AND (registration.status = '存续' OR registration.statusDate > $as_of)
      AND any(word IN $scope_words WHERE registration.businessScope CONTAINS word)
      AND (permit.validTo IS NULL OR permit.validTo >= listing.listedOn)
  })
WITH *, CASE
    WHEN best IS NULL OR NOT best.active THEN ['a']
    ELSE CASE WHEN best.lodging THEN [] ELSE ['b'] END + CASE WHEN best.permitted THEN [] ELSE ['c'] END
  END AS grounds,
  reduce(all = ownPermits, b IN businesses | all + b.permits) AS permits
RETURN
  listing.key AS listing, listing.listingName AS listing_name, listing.platform AS platform,
  operator.name AS operator, grounds, best.registration.companyName AS business, listing.listedOn AS listed,
  CASE WHEN 'a' IN grounds THEN 'high' ELSE 'medium' END AS severity,
  [operator] + CASE WHEN best IS NULL OR best.company = operator THEN [] ELSE [best.company] END AS subjects,
  [listing] + [b IN businesses | b.registration] + CASE WHEN 'a' IN grounds THEN [] ELSE permits END AS facts,
  [runs] + CASE WHEN best IS NULL THEN [] ELSE [best.link] END AS links,
  [reason IN [
    '房源「' + listing.listingName + '」' + toString(listing.listedOn) + ' 在' + listing.platform + '上架，'
      + toString($as_of) + ' 仍在线，' + CASE type(runs) WHEN 'OPERATED_BY' THEN '经营者 ' ELSE '房东 ' END + operator.name,
    CASE WHEN best IS NULL THEN 'a 没有查到其市场主体登记'
      WHEN 'a' IN grounds THEN 'a 登记已' + best.registration.status
        + coalesce('（' + toString(best.registration.statusDate) + '）', '') + '，没有存续的市场主体' END,
    CASE WHEN 'b' IN grounds THEN 'b ' + best.registration.companyName + '的经营范围没有住宿类项目：'
      + left(best.registration.businessScope, 60) END,
    CASE WHEN 'c' IN grounds THEN 'c 自上架之日至 ' + toString($as_of) + CASE WHEN permits = []
      THEN ' 没有查到旅馆业许可' ELSE ' 没有一天持有有效许可，许可已于 '
        + toString(reduce(d = head(permits).validTo, p IN permits | CASE WHEN p.validTo > d THEN p.validTo ELSE d END))
        + ' 届满' END END
  ] WHERE reason IS NOT NULL] AS reasons
ORDER BY listing
