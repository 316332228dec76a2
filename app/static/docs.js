// Starts the viewer of /docs on our own document, and says its labels in Chinese unless the reader's language is English.
"use strict";

const WORDS = {
  "Authorize": "填入密钥", "Available authorizations": "密钥", "Logout": "清除密钥", "Close": "关闭",
  "Value:": "密钥：", "Name:": "名称：", "In:": "位置：",
  "Try it out": "试用", "Try it out ": "试用", "Cancel": "取消", "Execute": "发送", "Clear": "清空", "Reset": "重置",
  "Parameters": "参数", "No parameters": "无参数", "Name": "名称", "Description": "说明", "Request body": "请求正文",
  "Responses": "应答", "Server response": "服务器应答", "Response body": "应答正文", "Response headers": "应答头",
  "Request URL": "请求地址", "Request duration": "用时", "Code": "状态码", "Details": "详情", "Links": "链接",
  "No links": "无", "Media type": "媒体类型", "Example Value": "示例", "Schema": "结构", "Schemas": "结构",
  "Example": "示例", "Examples": "示例", "Examples:": "示例：", "Headers:": "应答头：", "Download": "下载",
  "required": "必填", "Servers": "服务器", "Edit Value": "编辑", "Loading": "加载中", "Send empty value": "发送空值",
};

function translate(node) {
  if (node.nodeType === Node.TEXT_NODE) {
    const words = WORDS[node.data] || WORDS[node.data.trim()];
    const parent = node.parentElement;
    if (words && parent && !parent.closest("pre, code, textarea, .markdown")) node.data = words;
    return;
  }
  node.childNodes.forEach(translate);
}

const viewer = document.getElementById("viewer");
if (!/^en\b/i.test(navigator.language)) {
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "characterData") translate(change.target);
      change.addedNodes.forEach(translate);
    }
  }).observe(viewer, { childList: true, subtree: true, characterData: true });
}

SwaggerUIBundle({
  url: "openapi.json",
  domNode: viewer,
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: -1,
  displayOperationId: true,
  displayRequestDuration: true,
  persistAuthorization: false,
  tryItOutEnabled: true,
  validatorUrl: null,
});
