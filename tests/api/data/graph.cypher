// A small graph in the labels of docs/architecture.md: a prisoner with subsidies, his namesake, and a false lease.
CREATE (zhang:Entity:Person {key: 'P-zhang', entityId: 'P-zhang', name: '张伟', names: ['张伟', '張偉'], sex: '男',
          birthDate: date('1974-05-06'), idMasked: '6201**********1234', idHash: $zhang_hash, homonyms: 1})
CREATE (namesake:Entity:Person {key: 'P-namesake', entityId: 'P-namesake', name: '张伟', names: ['张伟'], homonyms: 1})
CREATE (wang:Entity:Person {key: 'P-wang', entityId: 'P-wang', name: '王秀英', names: ['王秀英'], homonyms: 0})
CREATE (firm:Entity:Company {key: 'C-firm', entityId: 'C-firm', name: '云岭市老马牛肉面餐饮有限公司',
          names: ['云岭市老马牛肉面餐饮有限公司'], tradeName: '老马', creditCode: '91620100MA1234567X'})
CREATE (home:Entity:Property {key: 'R-home', entityId: 'R-home', name: '云岭市河口区滨河路12号3栋1单元401室',
          certificates: ['甘(2018)云岭不动产权第0001234号']})
CREATE (term:Fact:PrisonTerm {key: 'prison_terms/FX0001', dataset: 'prison_terms', recordId: 'FX0001',
          knownFrom: date('2019-03-11'), name: '盗窃罪 2019-03-11 至 2021-03-10', personName: '张伟', crime: '盗窃罪',
          execution: '监狱服刑', sex: '男', admissionDate: date('2019-03-11'), termEnd: date('2021-03-10'),
          prison: '云岭监狱'})
CREATE (term)-[:SERVED_BY {probability: 0.999, role: '罪犯'}]->(zhang)
WITH zhang, namesake, wang, firm, home
UNWIND range(1, 9) AS month
CREATE (payment:Fact:SubsidyPayment {key: 'subsidy_payments/BT000' + month, dataset: 'subsidy_payments',
          recordId: 'BT000' + month, knownFrom: date({year: 2020, month: month, day: 15}),
          name: '最低生活保障 560 元 2020-0' + month + '-15', personName: '张伟', subsidyType: '最低生活保障',
          paidOn: date({year: 2020, month: month, day: 15}), amount: 560.0})
CREATE (payment)-[:PAID_TO {probability: CASE month WHEN 9 THEN 0.91 ELSE 0.999 END, role: '领取人'}]->(zhang)
WITH DISTINCT zhang, namesake, wang, firm, home
CREATE (lease:Fact:Lease {key: 'leases/ZL0001', dataset: 'leases', recordId: 'ZL0001', knownFrom: date('2022-06-01'),
          name: '<script>window.hacked=1</script>张伟 租与 王秀英', filingNumber: '云租2022-17', area: 88.5,
          monthlyRent: 300.0, signedOn: date('2020-01-01'), filedOn: date('2022-06-01'),
          termStart: date('2022-06-01'), termEnd: date('2040-05-31'), payment: '一次性付清'})
CREATE (lease)-[:LET_BY {probability: 0.97, role: '出租人'}]->(zhang),
       (lease)-[:LET_TO {probability: 0.88, role: '承租人'}]->(wang),
       (lease)-[:LEASES {probability: 0.99, role: '房屋'}]->(home)
CREATE (registration:Fact:CompanyRegistration {key: 'companies/SC0001', dataset: 'companies', recordId: 'SC0001',
          knownFrom: date('2021-01-05'), name: '云岭市老马牛肉面餐饮有限公司（存续）',
          companyName: '云岭市老马牛肉面餐饮有限公司', status: '存续', foundedOn: date('2021-01-05'), industry: '餐饮业'})
CREATE (registration)-[:REGISTERS {probability: 1.0, role: '企业'}]->(firm),
       (registration)-[:REPRESENTED_BY {probability: 0.95, role: '法定代表人'}]->(wang)
CREATE (namesake)-[:POSSIBLY_SAME {probability: 0.42}]->(zhang), (namesake)-[:MAY_BE {probability: 0.42}]->(zhang),
       (namesake)-[:MAY_BE {probability: 0.1}]->(wang)
CREATE (phone:Phone {key: 'Phone:' + $phone_hash, name: '138****5678', masked: '138****5678', holders: 2})
CREATE (zhang)-[:HAS_PHONE {probability: 0.98, records: ['subsidy_payments/BT0001']}]->(phone),
       (wang)-[:HAS_PHONE {probability: 0.9, records: ['leases/ZL0001']}]->(phone)
CREATE (hall:Address {key: 'Address:hall', name: '云岭市集贸市场', place: '集贸市场', holders: 400})
CREATE (namesake)-[:HAS_ADDRESS {probability: 0.9, records: []}]->(hall),
       (firm)-[:HAS_ADDRESS {probability: 1.0, records: []}]->(hall)
CREATE (:Dataset {key: 'dataset/prison_terms', dataset: 'prison_terms', title: '刑罚执行', agency: '监狱管理局',
          rows: 1, rejected: 0, lastEvent: date('2019-03-11')}),
       (:Dataset {key: 'dataset/subsidy_payments', dataset: 'subsidy_payments', title: '社会救助和补贴发放',
          agency: '民政局', rows: 9, rejected: 2, lastEvent: date('2020-09-15')})
WITH hall
UNWIND range(1, 398) AS n
CREATE (stall:Entity:Company {key: 'C-stall-' + n, entityId: 'C-stall-' + n, name: '集贸市场' + n + '号摊',
          names: ['集贸市场' + n + '号摊']})
CREATE (stall)-[:HAS_ADDRESS {probability: 1.0, records: []}]->(hall)
