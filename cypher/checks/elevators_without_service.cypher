// 在用而没有任何维保记录的电梯：维保数据没有覆盖到，不能判断有无维保，因此不列为 M06 的线索。
// 在 Neo4j Browser 中先设 :param as_of => date()
MATCH (elevator:Elevator {status: '在用'})
WHERE elevator.knownFrom <= $as_of
  AND NOT EXISTS { MATCH (elevator)<-[:SERVICES]-(service:ElevatorService) WHERE service.knownFrom <= $as_of }
OPTIONAL MATCH (elevator)-[:USED_BY]->(user)
RETURN elevator.deviceCode AS `设备代码`, elevator.address AS `使用地址`, user.name AS `使用单位`,
       elevator.registeredOn AS `登记日期`
ORDER BY `设备代码`
