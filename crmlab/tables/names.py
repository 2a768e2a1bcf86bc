"""What exports call the columns that many tables share; the best name of each comes first."""

CUSTOMER = (
    "CustomerID", "customer_unique_id", "cust_id", "client_id", "member_id", "user_id",
    "account_id", "buyer_id", "shopper_id", "household_key", "household_id", "hshd_num",
    "customer_no", "customer_number", "customer_code", "customer_key", "cust_no", "member_no",
    "card_no", "card_number", "Customer", "client", "member", "user", "cust",
    "客户编号", "客户编码", "客户代码", "客户ID", "客户号", "客户码", "会员编号", "会员号",
    "会员ID",
    "会员卡号", "会员编码", "用户ID", "用户编号", "用户标识", "买家ID", "顾客编号", "顾客ID",
    "往来单位编码", "往来单位编号", "购货单位编码", "购货单位代码", "客商编码", "卡号", "uid",
)  # fmt: skip
CUSTOMER_NAMES = (
    "买家会员名", "买家昵称", "买家账号", "买家", "会员名", "会员名称", "会员昵称", "用户名",
    "下单帐号", "下单账号", "用户账号", "客户名称", "客户", "购货单位", "购货单位名称", "往来单位",
    "往来单位名称", "客商名称", "付款单位", "客户名", "客户简称", "公司名称", "单位名称",
    "Customer Name", "client name", "buyer name", "company name", "Customer Email",
    "email address", "Email", "Billing Email", "Buyer Email",
    "电子邮箱", "邮箱", "手机号", "手机号码",
    "手机", "收货人手机", "收货人电话", "买家手机", "买家手机号", "联系手机",
    "联系电话", "收货人手机号", "phone", "Billing Phone",
    "phone number", "mobile", "客户姓名", "会员姓名", "收货人姓名",
)  # fmt: skip
ORDER = (
    "InvoiceNo", "Invoice", "Invoice ID", "Invoice Number", "order_no", "Order Number", "order_key",
    "transaction_id", "transaction_no", "trans_id", "basket_id", "basket_num", "receipt_id",
    "receipt_no", "bill_id", "bill_no", "订单编号", "订单号", "主订单编号", "订单ID",
    "交易编号", "交易号", "单据编号", "单据号", "单据号码", "销售单号", "销售订单号", "出库单号",
    "小票号", "流水号", "单号", "发票号", "发票号码", "Order", "Name", "id",
)  # fmt: skip
PRODUCT = (
    "StockCode", "SKU", "product_code", "product_no", "item_id", "item_code", "item_no",
    "article_id", "article_no", "prod_id", "Lineitem sku", "商品编号", "商品编码", "商品ID",
    "商品代码", "物料编码", "物料编号", "存货编码", "产品编码", "产品编号", "货号", "款号",
    "商家编码", "外部系统编号", "SKU编码", "规格编码", "Product", "Item", "Product Name",
    "item_name", "Lineitem name", "商品名称", "商品标题", "宝贝标题", "标题", "产品名称",
    "存货名称", "物料名称", "商品",
)  # fmt: skip
REP = (
    "rep", "sales_rep", "sales_rep_id", "salesperson", "salesman", "seller_code", "业务员编号",
    "业务员", "销售员", "销售员编号", "销售人员", "客户经理", "经办人", "导购",
)  # fmt: skip
ORDER_DATE = (
    "订单付款时间", "付款时间", "支付时间", "买家付款时间", "付款日期", "支付日期", "支付完成时间",
    "付款完成时间", "付款确认时间", "Paid at", "payment_date", "paid_date", "date_paid",
    "payment_time", "order_purchase_timestamp", "InvoiceDate", "transaction_date", "transaction_dt",
    "transaction_time", "trans_date", "trans_time", "t_dat", "purchase_date", "purchase_d",
    "date_of_purchase", "purchased_at", "sale_date", "sales_date", "order_time",
    "order_timestamp", "order_ts", "order_placed_at", "ordered_at", "transaction_ts",
    "订单日期", "下单时间", "下单日期",
    "交易时间", "交易日期", "成交时间", "成交日期", "消费时间", "消费日期", "购买时间", "购买日期",
    "销售日期", "销售时间", "单据日期", "开单日期", "制单日期", "业务日期", "出库日期", "记账日期",
    "Created at", "Created (UTC)", "Created date (UTC)", "created_date", "date_created",
    "create_time", "created_time", "订单创建时间", "创建时间", "创建日期", "order_approved_at",
    "completed_at", "date_completed", "交易完成时间", "开票日期", "event_time", "event_date",
    "timestamp", "datetime", "日期", "时间", "Date", "Created", "time",
)  # fmt: skip
AMOUNT = (
    "买家实际支付金额", "买家实付金额", "买家实付", "实付金额", "实付款", "实付", "实际支付金额",
    "订单实付金额", "实收金额", "实收款", "支付金额", "付款金额", "实际金额", "用户实付",
    "成交金额",
    "不含税金额", "未税金额", "无税金额", "净额", "销售净额", "payment_value", "net_amount",
    "net_sales", "net_revenue", "net_total", "net", "amount_paid", "paid_amount", "sales_value",
    "sales_amount", "sales_price", "total_sales", "sales", "revenue", "line_total", "line_amount",
    "item_total", "order_total", "order_amount", "order_value", "order_total_amount", "total",
    "total_amount", "total_price", "total_paid", "total_spent", "grand_total",
    "transaction_amount", "trans_amount", "tran_amount", "purchase_amount", "purchase_amt", "amt",
    "spend", "spent", "amount_spent", "total_value", "value", "payment", "payment_amount", "金额",
    "销售金额", "销售额", "销售收入", "消费金额", "交易金额", "结算金额",
    "应付金额", "应付款", "应付总额", "订单金额", "订单总金额", "商品金额",
    "总金额", "合计金额", "金额合计", "总价", "货款", "小计", "subtotal", "营业额", "买家应付货款",
    "应收金额", "含税金额", "价税合计", "gross_amount",
    "gross_sales", "amount_incl_tax", "total_incl_tax", "gross",
)  # fmt: skip
QUANTITY = (
    "Quantity", "qty", "units", "unit_sold", "units_sold", "pieces", "Lineitem quantity",
    "item_count", "order_quantity", "sales_quantity", "quantity_ordered", "数量", "销售数量",
    "商品数量", "购买数量", "宝贝总数量", "件数", "实发数量", "订货总数", "订购数量",
    "商品总数", "销量", "数量合计",
)  # fmt: skip
UNIT_PRICE = (
    "UnitPrice", "Price", "price_each", "item_price", "price_per_unit", "unit_cost_price",
    "Lineitem price", "不含税单价", "无税单价", "单价", "销售单价", "成交单价", "商品单价",
    "商品价格", "价格", "京东价", "含税单价",
)  # fmt: skip
STATUS = (
    "order_status", "Financial Status", "payment_status", "transaction_status", "order_state",
    "state_of_order",
    "event_type", "订单状态", "交易状态", "支付状态", "付款状态", "单据状态", "状态",
)  # fmt: skip
INVOICE = (
    "invoice_no", "invoice_number", "invoice", "invoice_num", "doc_no", "发票号", "发票号码",
    "发票编号", "应收单号", "应收单编号", "单据编号", "单据号",
)  # fmt: skip
