/*---
title = "Grants to the self-employed in the pandemic"
definition = """Months, weeks and pounds of grants of the Self-Employment Income Support Scheme in a tax year, over all keys of a person.
A month counts if a grant covers any part of it."""
grain = "one row per person and tax year with a grant"
key = ["ae_id", "tax_year"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "tax_year", type = "int", description = "202021." },
  { name = "months", type = "int", unit = "months", description = "Months that a grant covers, at most 12." },
  { name = "weeks", type = "int", unit = "weeks", description = "Weeks that grants cover." },
  { name = "amount", type = "int", unit = "pounds", description = "Grants paid." },
]
source = "SEISS table of the LEO variable request form v2.3."
years = "2020/21"
lost = "Which grant."
traps = [
  "Only those self-employed in earlier years could apply: no grant does not mean no loss.",
  "Figures on the scheme may be published only in consultation with HMRC.",
]
group_by = ["months"]
---*/
WITH joined AS (
    -- Digits are added up as numbers: with fewer than ten keys no digit carries over, and none is lost.
    SELECT
        k.ae_id,
        s.taxyear AS tax_year,
        SUM(CAST(s.seiss_dtm_ind AS bigint)) AS any_time,
        CAST(SUM(s.seiss_tot_wks) AS int) AS weeks,
        CAST(SUM(s.seiss_tot_amt) AS int) AS amount
    FROM leo_i2."2005003".leo_seiss AS s
    JOIN measures.edukey_person AS k ON k.edukey = s.edukey
    GROUP BY k.ae_id, s.taxyear
)
SELECT
    ae_id,
    tax_year,
    CAST(LENGTH(REPLACE(RIGHT(CONCAT('000000000000', any_time), 12), '0', '')) AS int) AS months,
    weeks,
    amount
FROM joined
