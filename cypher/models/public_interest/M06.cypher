/*+++
id = "M06"
slug = "elevator-safety"
title = "电梯安全"
lines = ["公益"]
receivers = ["市场监管局", "自然资源局"]
description = """
a 在用电梯相邻两次维保之间，或者末次维保至截至日期，间隔超过规定天数；
b 同一维保单位的维保人员一天维保的电梯超过规定台数，或者几分钟之内在不同地址的电梯维保；
c 在用电梯检验逾期；d1 加装完工而电梯没有办理使用登记；d2 加装项目没有相应编号或者地址的规划许可。
"""
misses = """
没有任何维保记录的在用电梯不作为线索：维保记录没有覆盖到它，与没有维保分不清（见 checks/elevators_without_service）。
代签名、代打卡的维保。
"""
legal_basis = ["中华人民共和国特种设备安全法", "电梯维护保养规则"]
maturity = "tried"
timeout_seconds = 300
identity = ["ground", "about", "day"]
severity = "a、b、d1 为 high；c、d2 为 medium"
optional = ["elevator_maintenance", "elevator_retrofits", "planning_permits"]
may_be_empty = ["elevator_retrofits.permitNumber", "elevator_retrofits.deviceCode"]

[datasets]
elevators = ["deviceCode", "status", "nextInspection", "address"]
elevator_maintenance = ["deviceCode", "worker", "servicedAt"]
elevator_retrofits = ["completedOn", "permitNumber", "deviceCode", "address"]
planning_permits = ["permitNumber", "address"]

[without]
elevator_maintenance = "维保间隔（a）和维保人员（b）查不出"
elevator_retrofits = "加装项目（d）查不出"
planning_permits = "没有规划许可可以核对，加装项目一律列为没有许可（d2），不能作数"

[params.max_gap_days]
type = "integer"
default = 15
min = 1
unit = "天"
description = "两次维保间隔超过这些天"

[params.max_per_day]
type = "integer"
default = 20
min = 1
unit = "台"
description = "一人一天维保不同电梯超过这一台数"

[params.min_minutes]
type = "integer"
default = 10
min = 0
unit = "分钟"
description = "在不同地址的两次维保相隔不超过这些分钟"

[conditions]
gaps = "超过规定天数的维保间隔"
served = "一天维保的不同电梯"
hurried = "相隔过近的不同地址维保"

[returns]
ground = {title = "情形", description = "a、b、c、d1、d2，见说明"}
about = {title = "电梯、加装项目，或者维保单位与人员"}
day = {title = "日期", description = "情形 b 的维保日期，其余为空"}
figure = {title = "数值", description = "a 最长间隔（天）；b 台数（台）；c 逾期（天）"}
minutes = {title = "不同地址之间最短相隔（分钟）", description = "情形 b"}
+++*/
CALL () {
  // a: too long between two services, or since the last one
  MATCH (elevator:Elevator {status: '在用'})<-[:SERVICES]-(service:ElevatorService)
  WHERE elevator.knownFrom <= $as_of AND service.knownFrom <= $as_of
  WITH elevator, service ORDER BY service.servicedAt, service.key
  WITH elevator, collect(service) AS services
  WITH elevator, services, [i IN range(0, size(services) - 1) | {
         before: services[i], after: services[i + 1],
         days: duration.inDays(date(services[i].servicedAt), coalesce(date(services[i + 1].servicedAt), $as_of)).days
       }] AS spans
  WITH elevator, [span IN spans WHERE span.days > $max_gap_days] AS gaps
  WHERE gaps <> []
  WITH elevator, gaps, reduce(most = 0, gap IN gaps | CASE WHEN gap.days > most THEN gap.days ELSE most END) AS longest
  OPTIONAL MATCH (elevator)-[used:USED_BY]->(user:Entity) WHERE used.probability >= $min_confidence
  WITH elevator, gaps, longest, collect(user) AS users, collect(used) AS links
  RETURN 'a' AS ground, elevator.key AS about, '' AS day, longest AS figure, null AS minutes, 'high' AS severity,
    users AS subjects,
    [elevator] + reduce(all = [], gap IN gaps | all + [gap.before]
      + CASE WHEN gap.after IS NULL THEN [] ELSE [gap.after] END) AS facts,
    links,
    ['电梯 ' + elevator.deviceCode + ' 在用，维保间隔超过 ' + toString($max_gap_days) + ' 天 ' + toString(size(gaps))
      + ' 次，最长 ' + toString(longest) + ' 天']
    + [gap IN gaps | toString(date(gap.before.servicedAt)) + CASE WHEN gap.after IS NULL
        THEN ' 之后至 ' + toString($as_of) + ' 没有维保' ELSE ' 至 ' + toString(date(gap.after.servicedAt)) END
      + '，' + toString(gap.days) + ' 天'] AS reasons
  UNION ALL
  // b: one name within one maintainer, on one day
  MATCH (service:ElevatorService)-[by:SERVICED_BY]->(maintainer:Company)
  WHERE service.knownFrom <= $as_of AND by.probability >= $min_confidence
  WITH maintainer, service.worker AS worker, date(service.servicedAt) AS day, service, by
  ORDER BY service.servicedAt, service.key
  WITH maintainer, worker, day, collect(service) AS services, collect(by) AS links
  WHERE size(services) > 1
  WITH maintainer, worker, day, services, links,
       size(reduce(codes = [], s IN services | CASE WHEN s.deviceCode IN codes THEN codes ELSE codes + s.deviceCode END))
         AS served
  CALL (services) {
    UNWIND services AS one
    UNWIND services AS two
    WITH one, two WHERE one.servicedAt <= two.servicedAt AND one.key <> two.key AND one.deviceCode <> two.deviceCode
      AND two.servicedAt <= one.servicedAt + duration({minutes: $min_minutes})
    MATCH (one)-[:SERVICES]->(here:Elevator)-[:LOCATED_AT]->(place:Address)
    MATCH (two)-[:SERVICES]->(there:Elevator)-[:LOCATED_AT]->(elsewhere:Address)
    WHERE place <> elsewhere AND here <> there AND here.knownFrom <= $as_of AND there.knownFrom <= $as_of
    RETURN collect(DISTINCT one) + collect(DISTINCT two) AS hurried,
           collect(DISTINCT here) + collect(DISTINCT there) AS elevators,
           min(duration.inSeconds(one.servicedAt, two.servicedAt).seconds / 60) AS minutes
  }
  WITH * WHERE served > $max_per_day OR hurried <> []
  RETURN 'b' AS ground, maintainer.entityId + '|' + worker AS about, toString(day) AS day, served AS figure, minutes,
    'high' AS severity, [maintainer] AS subjects,
    CASE WHEN served > $max_per_day THEN services ELSE [] END + hurried + elevators AS facts,
    links,
    [reason IN [
      maintainer.name + '维保人员' + worker + ' ' + toString(day) + ' 维保 ' + toString(size(services)) + ' 次',
      CASE WHEN served > $max_per_day THEN '不同电梯 ' + toString(served) + ' 台，超过 ' + toString($max_per_day) + ' 台' END,
      CASE WHEN hurried <> [] THEN '在不同地址的电梯先后维保，最短相隔 ' + toString(minutes) + ' 分钟' END
    ] WHERE reason IS NOT NULL] AS reasons
  UNION ALL
  // c: inspection overdue
  MATCH (elevator:Elevator {status: '在用'})
  WHERE elevator.knownFrom <= $as_of AND elevator.nextInspection < $as_of
  WITH elevator, duration.inDays(elevator.nextInspection, $as_of).days AS days
  OPTIONAL MATCH (elevator)-[used:USED_BY]->(user:Entity) WHERE used.probability >= $min_confidence
  WITH elevator, days, collect(user) AS users, collect(used) AS links
  RETURN 'c' AS ground, elevator.key AS about, '' AS day, days AS figure, null AS minutes, 'medium' AS severity,
    users AS subjects, [elevator] AS facts, links,
    ['电梯 ' + elevator.deviceCode + ' 在用，下次检验日期 ' + toString(elevator.nextInspection) + '，已逾期 '
      + toString(days) + ' 天'] AS reasons
  UNION ALL
  // d1, d2: a finished retrofit without registration, without planning permit
  MATCH (retrofit:ElevatorRetrofit)
  WHERE retrofit.knownFrom <= $as_of
  WITH retrofit,
       EXISTS { MATCH (retrofit)-[:INSTALLS]->(e:Elevator) WHERE e.knownFrom <= $as_of }
         OR (retrofit.deviceCode IS NULL
           AND EXISTS { MATCH (retrofit)-[:LOCATED_AT]->()<-[:LOCATED_AT]-(e:Elevator) WHERE e.knownFrom <= $as_of })
         AS registered,
       EXISTS { MATCH (retrofit)-[:PERMITTED_BY]->(p:PlanningPermit) WHERE p.knownFrom <= $as_of }
         OR EXISTS { MATCH (retrofit)-[:LOCATED_AT]->()<-[:LOCATED_AT]-(p:PlanningPermit) WHERE p.knownFrom <= $as_of }
         AS permitted
  UNWIND CASE WHEN registered THEN [] ELSE ['d1'] END + CASE WHEN permitted THEN [] ELSE ['d2'] END AS ground
  OPTIONAL MATCH (retrofit)-[built:BUILT_BY]->(builder:Entity) WHERE built.probability >= $min_confidence
  WITH retrofit, ground, collect(builder) AS builders, collect(built) AS links
  RETURN ground, retrofit.key AS about, '' AS day, null AS figure, null AS minutes,
    CASE ground WHEN 'd1' THEN 'high' ELSE 'medium' END AS severity,
    builders AS subjects, [retrofit] AS facts, links,
    ['加装项目「' + retrofit.projectName + '」' + toString(retrofit.completedOn) + ' 竣工',
     CASE ground
       WHEN 'd1' THEN coalesce('设备代码 ' + retrofit.deviceCode + ' 没有使用登记', '没有填写设备代码，该地址也没有电梯使用登记')
       ELSE coalesce('规划许可证号 ' + retrofit.permitNumber, '没有填写规划许可证号')
         + '，没有查到该编号或者该地址的规划许可' END] AS reasons
}
RETURN ground, about, day, figure, minutes, severity, subjects, facts, links, reasons
ORDER BY ground, about, day
